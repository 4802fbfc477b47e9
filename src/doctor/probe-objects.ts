import { inheritedLabels } from '../admission/inherit.ts';
import type { Config } from '../config/config.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';

/** The label that tells the objects of one probe from all others. */
export const probeLabel = 'ringfence.dev/probe';

/** What the objects of a probe are made from. */
export interface ProbePlan {
  /** A text of its own for each probe, which is part of every name. */
  readonly id: string;
  readonly namespace: string;
  /** The labels of the namespace. */
  readonly labels: ReadonlyMap<string, string>;
  readonly config: Config;
  readonly image: string;
  /** The path of Node in the image. */
  readonly node: string;
  /** The number of the user to run as; undefined for the user of the image. */
  readonly user: number | undefined;
}

/**
 * The Pod that is called, the one that calls, and the two policies of which one stands at a time.
 */
export interface ProbeObjects {
  readonly listener: RawObject;
  /** `address` is that of the listener. */
  readonly caller: (address: string) => RawObject;
  readonly allow: RawObject;
  readonly deny: RawObject;
}

/** Where the listener listens. */
export const probePort = 8080;

/** Answers every connection at the port of its first argument, and ends it. */
export const listenerScript = `
require('node:net')
  .createServer((socket) => socket.on('error', () => undefined).end('ringfence'))
  .listen(Number(process.argv[1]));
`;

/**
 * Connects to the port and host of its arguments, four times a second anew, because policies need
 * not end connections that are open. It prints one line of JSON for each.
 */
export const callerScript = `
let attempt = 0;
function call() {
  attempt += 1;
  const socket = require('node:net').connect({ port: Number(process.argv[1]), host: process.argv[2] });
  let over = false;
  function end(answered) {
    if (over) return;
    over = true;
    clearTimeout(timer);
    socket.destroy();
    console.log(JSON.stringify({ attempt, answered }));
    setTimeout(call, 250);
  }
  const timer = setTimeout(end, 1000, false);
  socket.on('data', () => end(true)).on('error', () => end(false)).on('close', () => end(false));
}
call();
`;

/**
 * Objects that pass Ringfence's own rules: they carry the identity of their namespace. The Pods
 * meet the restricted Pod Security Standard, and end by themselves after five minutes.
 */
export function probeObjects(plan: ProbePlan): ProbeObjects {
  const { id, namespace } = plan;
  const podLabels = labelsOf('Pod', plan);
  const policyLabels = labelsOf('NetworkPolicy', plan);
  const both = { matchLabels: podLabels };
  const peer = [{ podSelector: both }];
  const ports = [{ protocol: 'TCP', port: probePort }];
  const policy = (name: string, rules: object): RawObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name: `ringfence-probe-${name}-${id}`, labels: policyLabels },
    spec: { podSelector: both, policyTypes: ['Ingress', 'Egress'], ...rules },
  });
  const pod = (name: string, ...args: readonly string[]): RawObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: `ringfence-probe-${name}-${id}`, labels: podLabels },
    spec: podSpec(plan, args),
  });
  return {
    listener: pod('listener', listenerScript, String(probePort)),
    caller: (address) => pod('caller', callerScript, String(probePort), address),
    allow: policy('allow', { ingress: [{ from: peer, ports }], egress: [{ to: peer, ports }] }),
    deny: policy('deny', { ingress: [], egress: [] }),
  };
}

/** The labels that Ringfence itself would fill in, and the one of the probe. */
function labelsOf(kind: 'Pod' | 'NetworkPolicy', { id, labels, config }: ProbePlan): Record<string, string> {
  const object = { metadata: { labels: {} }, spec: {} };
  return { ...Object.fromEntries(inheritedLabels(kind, object, labels, config)), [probeLabel]: id };
}

function podSpec({ image, node, user }: ProbePlan, args: readonly string[]): object {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: 'Never',
    // If nobody can delete it any more.
    activeDeadlineSeconds: 300,
    // Nothing is lost with it, and Node as process 1 does not end by SIGTERM.
    terminationGracePeriodSeconds: 1,
    securityContext: {
      runAsNonRoot: true,
      ...(user === undefined ? {} : { runAsUser: user }),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'probe',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: [node, '-e', ...args],
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  };
}
