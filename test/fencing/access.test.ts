// The rights that the documentation asks of a person are those that the commands use: no more, no
// less.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { CallOptions, Cluster, Method } from '../../src/cluster/connection.ts';
import { objects } from '../../src/cluster/objects.ts';
import { configMaps } from '../../src/cluster/resources.ts';
import { fence } from '../../src/fencing/fence.ts';
import { watchPods } from '../../src/fencing/pod-watch.ts';
import { stage } from '../../src/fencing/staged.ts';
import { unfence } from '../../src/fencing/unfence.ts';
import { clusterConfig } from '../../src/process/configuration.ts';
import { paths } from '../api-server/address.ts';
import { any, placeOf, rightsFor } from '../manifests/rights.ts';
import { documentedRules, type Rule } from './documented-rules.ts';
import { config, installRingfence, labels, makeBaseline, openScene } from './scene.ts';

function rightsOf(rules: readonly Rule[]): ReadonlySet<string> {
  const rights = rules.flatMap(({ apiGroups, resources, resourceNames = [any], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) => {
          const place = placeOf(`/${group === '' ? 'api' : `apis/${group}`}/v1/${resource}/${name}`);
          return verbs.map((verb) => `${verb} ${place}`);
        }),
      ),
    ),
  );
  return new Set(rights);
}

async function used(): Promise<Set<string>> {
  const scene = openScene();
  const rights: string[] = [];
  const cluster: Pick<Cluster, 'request'> = {
    request<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
      // Which namespace, and which object in it, is the person's to choose.
      const everywhere = path.replace(/(?<=\/namespaces\/)shop\b/, any).replace(/(?<=networkpolicies\/)[^/]+$/, any);
      rights.push(...rightsFor(method, everywhere, options));
      return scene.api.cluster.request<T>(method, path, options);
    },
  };
  const ports = { ...scene.ports, objects: objects(cluster) };
  installRingfence(scene.api);
  scene.api.put(paths.namespace('shop'), { metadata: { labels } });
  makeBaseline(scene.api, 'shop');
  await clusterConfig(configMaps(cluster), 'ringfence-system');
  await watchPods('shop', ports);
  const staging = { planned: [], unlabelled: false, dryRun: false };
  await stage('shop', staging, ports, config);
  // An older version of the baseline is replaced.
  scene.api.put('/apis/projectcalico.org/v3/namespaces/shop/stagedkubernetesnetworkpolicies/allow-dns-egress', {
    metadata: { annotations: { 'ringfence.dev/config-version': '6' } },
  });
  expect(await stage('shop', staging, ports, config)).toMatchObject({ outcome: 'done' });
  const options = {
    unlabelled: false,
    replace: false,
    acceptCuts: false,
    dryRun: false,
    timeoutMs: 1_000,
    ownNamespace: 'ringfence-system',
  };
  expect(await fence('shop', options, ports, config)).toMatchObject({ outcome: 'done' });
  expect(await unfence('shop', { keepBaseline: false, dryRun: false, timeoutMs: 5_000 }, ports)).toMatchObject({
    outcome: 'done',
  });
  return new Set(rights);
}

it('fence and unfence use the rights that docs/fencing.md lists', async () => {
  expect(rightsOf(documentedRules())).toEqual(await used());
});

it('which the shipped role for those who keep fences grants', async () => {
  const role = parse(readFileSync('manifests/roles/fence-keeper.yaml', 'utf8')) as { rules: readonly Rule[] };
  const granted = rightsOf(role.rules);
  expect([...(await used())].filter((right) => !granted.has(right))).toEqual([]);
});
