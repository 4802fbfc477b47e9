// The commands of the documentation that need a cluster, run as they are written on a real API
// server that has the manifests of Ringfence and no replica.
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { classOf, wordsOf } from '../docs/command-classes.ts';
import { type CommandScene, openCommandScene, unstarted } from '../docs/command-scene.ts';
import { documented } from '../docs/documented.ts';
import { programOf } from './program.ts';

/** Every statement once. What another test runs, and what nothing can run here, is left out. */
const statements = [
  ...new Map(
    documented
      .filter(({ page, commands }) => commands.every((one) => classOf(page, one)?.treatment.how === 'run on a cluster'))
      .map((statement) => [JSON.stringify(statement.commands.map(wordsOf)), statement]),
  ).values(),
];

/** What the pages take for granted: the namespaces and objects that they name. */
const before = `
kubectl create namespace shop
kubectl create namespace unlabelled-1
kubectl create namespace ringfence-system
kubectl apply -f application/manifests/namespaces.yaml -f application/manifests/workloads.yaml
kubectl label namespace shop env=prod tier=web team=shop
kubectl create deployment web --image=registry.example/web --namespace shop
kubectl run postgres --image=registry.example/postgres --namespace database
kubectl run api --image=registry.example/api --namespace backend
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ringfence -keyout tls.key -out tls.crt
kubectl create secret tls ringfence-tls --cert tls.crt --key tls.key --namespace ringfence-system
cp tls.crt client-ca.crt
mkdir shop
`;

/** What cannot succeed here, and what it must say instead. */
const others: readonly { readonly pattern: RegExp; readonly code: number; readonly says: RegExp }[] = [
  // The lines before it have deleted the gate with the rest of the backstop.
  { pattern: /^kubectl delete .* deny-all-baseline-must-be-there-first/, code: 1, says: /\(NotFound\)/ },
  // The log of no replica is empty.
  { pattern: /readiness --log -$/, code: 2, says: /ringfence: / },
  // The kinds of the Prometheus operator are not served.
  { pattern: /^kubectl apply -k manifests\/monitoring$/, code: 1, says: /no matches for kind "PodMonitor"/ },
];

describeWithSharedControlPlane('the documented commands', (controlPlane) => {
  let scene: CommandScene;
  beforeAll(() => {
    const { kubectlPath, adminKubeconfig } = controlPlane();
    scene = openCommandScene({ ringfence: programOf(), kubectl: kubectlPath, kubeconfig: adminKubeconfig });
    const env = { ...process.env, PATH: `${scene.folder}/bin:${process.env['PATH']}`, KUBECONFIG: adminKubeconfig };
    const made = spawnSync('bash', ['-e', '-c', before], { cwd: scene.folder, env, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.stderr);
  });
  afterAll(() => scene.end());

  it('are many', () => {
    expect(statements.length).toBeGreaterThan(25);
  });

  it.each(statements.map((statement) => [statement.place, statement.text, statement] as const))(
    '%s: %s',
    async (_, text, statement) => {
      const { code, stdout, stderr } = await scene.run(statement);
      const other = others.find(({ pattern }) => pattern.test(text));
      // Findings are an answer too, so `ringfence` may end with 1.
      const isRingfence = statement.commands.some(({ program }) => /^(?:ringfence|np[mx])$/.test(program));
      const codes = other === undefined ? [0, ...(isRingfence ? [1] : [])] : [other.code];
      expect({ stdout, stderr, code, ran: codes.includes(code) }).toMatchObject({ ran: true });
      expect(stderr).toMatch(other?.says ?? /^/);
      expect(stderr).not.toMatch(unstarted);
    },
  );
});
