// The engine for programs: manifests in, the answers of `-o json` out. It reads no file, asks no
// cluster, prints nothing, and does nothing when it is imported.
export { FileError } from '../documents/problem.ts';
export type { PlanData } from '../plan/plan-data.ts';
export type { CheckAnswer, CheckedFinding } from '../report/json.ts';
export { type CheckOptions, check } from './check.ts';
export type { ConfigurationOptions } from './configuration.ts';
export { type Differences, diff } from './diff.ts';
export type { Manifest } from './manifests.ts';
export { type PlanAnswer, type PlanOptions, plan } from './plan.ts';
export { type FromOutside, type Reach, reach, reachFromOutside, type Survey } from './reach.ts';
export type { WorldOptions } from './read.ts';
