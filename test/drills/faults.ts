// The faults, as data.
import { namespacesPath, networkPoliciesPath } from '../../src/cluster/resources.ts';
import type { ProxiedCall } from '../e2e/api-proxy.ts';
import { isFullRun } from '../e2e/scale.ts';
import type { Fault } from './fault-proxy.ts';
import * as treatments from './treatments.ts';

const every = (): boolean => true;
const isReview = ({ path }: ProxiedCall): boolean => path.endsWith('/subjectaccessreviews');
const isWrite = (call: ProxiedCall): boolean => call.method !== 'GET' && !isReview(call);
const isOfSecret = ({ path }: ProxiedCall): boolean => path.includes('/secrets');
const isOfWebhooks = ({ path }: ProxiedCall): boolean => path.includes('webhookconfigurations');
const isPolicyWrite = (call: ProxiedCall): boolean => isWrite(call) && call.path.includes('/networkpolicies/');
const isWatch = ({ isWatch: is }: ProxiedCall): boolean => is;
/** The lists and watches of the caches. */
const isCollection = ({ path }: ProxiedCall): boolean => /\/(?:namespaces|networkpolicies)$/.test(path);
/** The header of the API server: a Retry-After of a second. */
const later = { 'retry-after': '1' };
/** Longer than the limit of any call (5 s), except for a page of a list and a watch. */
const stallMs = isFullRun ? 30_000 : 6_000;

export interface FaultRow extends Fault {
  /** Whether it is part of the short run. */
  readonly isShort: boolean;
  /** The time of the fault with writes, in milliseconds, if it differs from the others. */
  readonly lastsMs?: number;
}

/** Faults from which everything recovers within seconds, with the times of production. */
export const faults: readonly FaultRow[] = [
  { name: '409 to every write', hits: isWrite, does: treatments.refuse(409, 'Conflict'), isShort: true },
  {
    name: '410 to every watch, and to every list after its first page',
    hits: isCollection,
    does: treatments.losePages,
    isHistoryLost: true,
    watches: 'broken',
    isShort: false,
  },
  {
    name: 'watches whose history is gone (410 as an event)',
    hits: isWatch,
    does: treatments.endHistory,
    isHistoryLost: true,
    watches: 'broken',
    isShort: true,
  },
  {
    name: '429 with Retry-After to everything',
    hits: every,
    does: treatments.refuse(429, 'TooManyRequests', later),
    watches: 'broken',
    isShort: true,
  },
  {
    name: '500 to everything',
    hits: every,
    does: treatments.refuse(500, 'InternalError'),
    watches: 'broken',
    isShort: true,
  },
  {
    name: '503 to everything',
    hits: every,
    does: treatments.refuse(503, 'ServiceUnavailable'),
    watches: 'broken',
    isShort: false,
  },
  {
    name: '503 of a balancer, in plain text, to everything',
    hits: every,
    does: treatments.refuseInPlainText,
    watches: 'broken',
    isShort: false,
  },
  {
    name: 'connections reset before the answer',
    hits: every,
    does: treatments.resetBefore,
    watches: 'broken',
    isShort: true,
  },
  {
    name: 'connections reset in the middle of the answer',
    hits: every,
    does: treatments.resetMidway,
    watches: 'broken',
    isShort: false,
  },
  {
    name: 'answers shorter than their content-length',
    hits: every,
    does: treatments.truncate,
    watches: 'broken',
    isShort: false,
  },
  { name: 'answers whose JSON is cut', hits: every, does: treatments.cutJson, watches: 'broken', isShort: true },
  { name: 'empty answers', hits: every, does: treatments.empty, watches: 'broken', isShort: false },
  {
    name: `stalls of ${stallMs / 1000} s`,
    hits: every,
    does: treatments.stall(stallMs),
    watches: 'broken',
    isShort: false,
    lastsMs: stallMs + 2_000,
  },
  {
    name: 'lists that take four seconds',
    hits: isCollection,
    does: treatments.slowLists(4_000),
    watches: 'broken',
    isShort: false,
  },
  {
    name: '1 call in 3 gets 500',
    hits: every,
    share: 1 / 3,
    does: treatments.refuse(500, 'InternalError'),
    isShort: true,
  },
  {
    name: '1 connection in 3 is reset before the answer',
    hits: every,
    share: 1 / 3,
    does: treatments.resetBefore,
    watches: 'broken',
    isShort: false,
  },
  {
    name: '500 to calls about the Secret',
    hits: isOfSecret,
    does: treatments.refuse(500, 'InternalError'),
    isShort: false,
    lastsMs: 6_500,
  },
  {
    name: '503 to SubjectAccessReviews',
    hits: isReview,
    does: treatments.refuse(503, 'ServiceUnavailable', later),
    isShort: false,
  },
  {
    name: '500 to calls about webhook configurations',
    hits: isOfWebhooks,
    does: treatments.refuse(500, 'InternalError'),
    isShort: false,
  },
  {
    name: '500 to reads of NetworkPolicies',
    hits: (call) => call.method === 'GET' && call.path.includes('/networkpolicies/'),
    does: treatments.refuse(500, 'InternalError'),
    isShort: true,
  },
  {
    name: '500 to writes of NetworkPolicies',
    hits: isPolicyWrite,
    does: treatments.refuse(500, 'InternalError'),
    isShort: true,
  },
  { name: 'watches that tell old events again', hits: isWatch, watches: 'told again', isShort: true },
];

/** Watches that fall silent for ever, without a sign. The next full list finds what they missed. */
export const silences: readonly FaultRow[] = [
  { name: 'silent watches', hits: isWatch, watches: 'silent', isShort: true },
  {
    name: 'silent watches of namespaces',
    hits: (call) => isWatch(call) && call.path === namespacesPath,
    watches: 'silent',
    isShort: false,
  },
  {
    name: 'silent watches of NetworkPolicies',
    hits: (call) => isWatch(call) && call.path === networkPoliciesPath,
    watches: 'silent',
    isShort: false,
  },
];

/** Faults during which namespaces can be created and deleted. */
export const lifeFaults: readonly FaultRow[] = [
  {
    name: '1 call in 3 gets 500',
    hits: every,
    share: 1 / 3,
    does: treatments.refuse(500, 'InternalError'),
    isShort: true,
  },
  {
    name: 'writes of NetworkPolicies that take 1.5 s',
    hits: isPolicyWrite,
    does: treatments.slow(1_500),
    isShort: false,
  },
  { name: 'silent watches', hits: isWatch, watches: 'silent', isShort: true },
];
