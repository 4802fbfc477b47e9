import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { cacheRoot } from '../control-plane/cache.ts';

const run = promisify(execFile);
const version = '3.5.4';
const folder = `surefire-${version}/maven-surefire-plugin/src/site/resources/xsd`;
const file = 'surefire-test-report.xsd';

/**
 * Returns the path of Surefire's schema of test reports. It is kept in the cache. The first call
 * takes it from the sources of Maven Surefire, with Maven. Throws without Maven and its repository.
 */
export async function findSurefireSchema(): Promise<string> {
  const kept = join(cacheRoot(process.env, 'sources'), `surefire@${version}`, file);
  if (existsSync(kept)) return kept;
  const unpacked = await mkdtemp(join(tmpdir(), 'ringfence-surefire-'));
  try {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';
    const what = `-Dartifact=org.apache.maven.surefire:surefire:${version}:zip:source-release`;
    const into = [`-Dmdep.unpack.includes=**/${file}`, `-DoutputDirectory=${unpacked}`];
    // It leaves a marker in the folder in which it runs.
    await run('mvn', ['-q', '-B', goal, what, ...into], { cwd: unpacked });
    await mkdir(dirname(kept), { recursive: true });
    // Another worker may do the same. A file that is there is whole.
    await copyFile(join(unpacked, folder, file), `${kept}.${process.pid}`);
    await rename(`${kept}.${process.pid}`, kept);
    return kept;
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}
