// Plays Ringfence's Deployment with processes, because no kubelet runs here: each Pod is a process
// with the arguments and the environment of the template, and a rollout replaces them in its order.
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { Scene } from '../drills/scene.ts';
import type { Replica } from './installation.ts';
import { openTerminal } from './terminal.ts';

/** How a replica ended that a rollout replaced. */
export interface Retirement {
  readonly code: number | null;
  /** From SIGTERM to the end of the process. */
  readonly seconds: number;
}

export interface PlayedDeployment {
  replicas(): readonly Replica[];
  /**
   * Replaces every replica, if the template has changed since: a new one is ready before an old one
   * gets SIGTERM, and nobody waits for its end (maxSurge 1, maxUnavailable 0). Resolves to whether
   * the template had changed.
   */
  follow(): Promise<boolean>;
  /** The grace period of the Pods, in seconds. */
  graceSeconds(): number;
  /** Resolves when every replaced replica has ended. */
  retirements(): Promise<readonly Retirement[]>;
}

interface Template {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [
    {
      readonly image: string;
      readonly args: readonly string[];
      readonly env: readonly {
        readonly name: string;
        readonly value?: string;
        readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
      }[];
    },
  ];
}

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: { readonly rollingUpdate: object };
    readonly template: { readonly spec: Template };
  };
}

/**
 * Starts the replicas of the Deployment `ringfence` in a namespace. `drainSeconds` is what `serve`
 * has without an argument, because the replicas of tests have another default.
 */
export async function playDeployment(
  controlPlane: ControlPlane,
  scene: Scene,
  home: string,
  drainSeconds: number,
): Promise<PlayedDeployment> {
  const admin = openTerminal(controlPlane, 'admin');
  const read = async (): Promise<Deployment> => {
    const deployment = await admin.get<Deployment>(`deployment ringfence -n ${home}`);
    const { rollingUpdate } = deployment.spec.strategy;
    const played = JSON.stringify({ maxSurge: 1, maxUnavailable: 0 });
    if (JSON.stringify(rollingUpdate, ['maxSurge', 'maxUnavailable']) !== played)
      throw new Error(`another order than ${played} is not played: ${JSON.stringify(rollingUpdate)}`);
    return deployment;
  };
  let { spec } = await read();
  let made = 0;

  /** Starts a process as a kubelet starts a Pod. */
  const start = (): Promise<Replica> => {
    made += 1;
    const [{ args, env }] = spec.template.spec.containers;
    const fields: Readonly<Record<string, string>> = {
      'metadata.name': `ringfence-${made}`,
      'metadata.namespace': home,
      'spec.serviceAccountName': 'ringfence',
    };
    const environment = env.map(({ name, value, valueFrom }): [string, string] => {
      const given = value ?? fields[valueFrom?.fieldRef.fieldPath ?? ''];
      if (given === undefined) throw new Error(`the variable ${name} is not played`);
      return [name, given];
    });
    const [command, ...others] = args;
    if (command !== 'serve') throw new Error(`the first argument is ${command}, and not serve`);
    return scene.join({
      arguments: ['--drain-seconds', String(drainSeconds), ...others],
      environment: Object.fromEntries(environment),
    });
  };

  const retire = async (replica: Replica): Promise<Retirement> => {
    const from = performance.now();
    const code = await scene.retire(replica);
    return { code, seconds: (performance.now() - from) / 1000 };
  };

  const retiring: Promise<Retirement>[] = [];
  let replicas: readonly Replica[] = await Promise.all(Array.from({ length: spec.replicas }, start));
  return {
    replicas: () => replicas,
    async follow() {
      const before = JSON.stringify(spec.template);
      ({ spec } = await read());
      if (JSON.stringify(spec.template) === before) return false;
      const next: Replica[] = [];
      for (const old of replicas) {
        next.push(await start());
        retiring.push(retire(old));
      }
      replicas = next;
      return true;
    },
    graceSeconds: () => spec.template.spec.terminationGracePeriodSeconds,
    retirements: () => Promise.all(retiring),
  };
}
