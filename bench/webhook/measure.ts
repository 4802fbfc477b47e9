// CPU per review of a server: what its process used, over the reviews that it answered.
import { readdirSync, readFileSync } from 'node:fs';
import { webhookPaths } from '../../src/admission/webhooks.ts';
import { median } from '../statistics.ts';
import { type LoadOptions, sendLoad } from './load.ts';

/** A server under test: its process, and how to reach it. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** PEM of the authority that vouches for it. */
  readonly ca: string;
}

/**
 * One measurement: processor time of the server for each review (µs), latency (ms), reviews a
 * second.
 */
export interface Measured {
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

/**
 * Sends `requests` reviews over `connections`, and reads what the server's process used meanwhile.
 */
export async function measure(
  server: Server,
  request: Pick<LoadOptions, 'path' | 'body' | 'requests' | 'connections'>,
): Promise<Measured> {
  const { requests } = request;
  const before = processorSeconds(server.pid);
  const { latencies, seconds } = await sendLoad({ ...server, ...request });
  const used = processorSeconds(server.pid) - before;
  const sorted = latencies.sort();
  return {
    cpuMicroseconds: (used * 1e6) / requests,
    p50Ms: sorted[Math.floor(requests * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(requests * 0.99)] ?? 0,
    perSecond: requests / seconds,
  };
}

/**
 * What a review costs, and what it costs the floor: medians of rounds in turns, so that a noisy
 * moment of the machine falls on both.
 */
export interface Comparison {
  /** Of the processor times, in each round. */
  readonly ratio: number;
  readonly cpuMicroseconds: number;
  readonly floorMicroseconds: number;
  readonly p99Ms: number;
}

/** Measures both `rounds` times, after one round that warms them up. */
export async function compareWithFloor(
  ringfence: Server,
  floor: Server,
  { body, mode, requests, rounds }: ComparisonOptions,
): Promise<Comparison> {
  const measured: { readonly floor: Measured; readonly ringfence: Measured }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const given = { body, connections, requests };
    const both = {
      floor: await measure(floor, { ...given, path: '/' }),
      ringfence: await measure(ringfence, { ...given, path: reviewPath(mode) }),
    };
    if (round > 0) measured.push(both);
  }
  const of = (figure: (one: (typeof measured)[number]) => number): number => median(measured.map(figure));
  return {
    ratio: of((one) => one.ringfence.cpuMicroseconds / one.floor.cpuMicroseconds),
    cpuMicroseconds: of((one) => one.ringfence.cpuMicroseconds),
    floorMicroseconds: of((one) => one.floor.cpuMicroseconds),
    p99Ms: of((one) => one.ringfence.p99Ms),
  };
}

export interface ComparisonOptions {
  readonly body: string;
  readonly mode: 'observe' | 'enforce';
  readonly requests: number;
  readonly rounds: number;
}

/** Where the API server sends the reviews of Pods, with the query that it sends. */
export function reviewPath(mode: 'observe' | 'enforce'): string {
  return `${mode === 'enforce' ? webhookPaths.enforced : webhookPaths.unenforced}?timeout=5s`;
}

/** Connections that send reviews at a time. */
export const connections = 16;

/**
 * Time on a processor of a process and all its threads, in seconds (proc(5) schedstat: nanoseconds;
 * utime and stime tick by ten milliseconds).
 */
export function processorSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** The resident memory of a process, in MB (2^20 bytes). */
export interface Resident {
  readonly all: number;
  /**
   * Of it, pages of files: of the Node binary and its libraries, which the processes of a node
   * share.
   */
  readonly files: number;
}

/** proc(5) status: VmRSS, and RssFile of it. */
export function readResident(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytesOf = (name: string): number => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return Number(kilobytes ?? Number.NaN) / 1024;
  };
  return { all: megabytesOf('VmRSS'), files: megabytesOf('RssFile') };
}
