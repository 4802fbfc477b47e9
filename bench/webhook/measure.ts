// CPU per review of a server: what its process used, over the reviews that it answered.
import { readdirSync, readFileSync } from 'node:fs';
import { type LoadOptions, sendLoad } from './load.ts';

/** A server under test: its process, and how to reach it. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** PEM of the authority that vouches for it. */
  readonly ca: string;
}

/** One measurement: processor time of the server for each review (µs), latency (ms), reviews a second. */
export interface Measured {
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

/** Sends `requests` reviews over `connections`, and reads what the server's process used meanwhile. */
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

/** Time on a processor of a process and all its threads, in seconds (proc(5) schedstat: nanoseconds; utime and stime tick by ten milliseconds). */
export function processorSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** Resident memory of a process in MB. */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}
