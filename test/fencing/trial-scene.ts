// A namespace in memory that is fenced on trial, with a process that keeps its wall.
import { reservedNames } from '../../src/baseline/names.ts';
import { openSpec, trialAnnotation } from '../../src/baseline/trial.ts';
import { fence } from '../../src/fencing/fence.ts';
import { confirmTrial } from '../../src/fencing/trial.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { config, installRingfence, labels, makeBaseline, managedBy, marked, openScene, serverTime } from './scene.ts';

const wait = { timeoutMs: 30_000, ownNamespace: 'ringfence-system', dryRun: false };
const options = { ...wait, unlabelled: false, replace: false, acceptCuts: false };

export const trial = { lastsMs: 60_000, isFollowed: true };
/** When a trial ends that begins with the scene. */
export const until = '2026-03-01T12:01:00Z';

/** Namespace shop, which is not fenced. */
export function openTrialScene() {
  const scene = openScene();
  const shop = () => scene.api.at(paths.namespace('shop'))?.metadata;
  const now = () => serverTime + scene.elapsed();

  /** What the process does: it keeps the wall until the end of the trial, and then opens it. */
  function reconcile(): void {
    if (shop()?.labels?.[fenceMark] === undefined) return;
    const end = shop()?.annotations?.[trialAnnotation];
    const isOver = end !== undefined && Date.parse(end) <= now();
    if (!isOver) makeBaseline(scene.api, 'shop');
    for (const name of reservedNames) {
      const found = scene.api.at(paths.policy('shop', name));
      if (found === undefined) continue;
      const ends = end === undefined ? {} : { [trialAnnotation]: end };
      scene.api.put(paths.policy('shop', name), {
        spec: isOver ? openSpec : found['spec'],
        metadata: {
          labels: found.metadata.labels,
          managedFields: managedBy('ringfence'),
          annotations: { 'ringfence.dev/config-version': '7', ...ends },
        },
      });
    }
  }

  /** Calls a function once when so much time has passed. The process works at every moment. */
  function at(ms: number, act: () => void): void {
    let isDone = false;
    scene.meanwhile.sleep = (elapsed) => {
      if (elapsed >= ms && !isDone) {
        isDone = true;
        act();
      }
      reconcile();
    };
  }

  installRingfence(scene.api);
  scene.api.put(paths.namespace('shop'), { metadata: { labels } });
  at(Number.POSITIVE_INFINITY, () => undefined);
  return {
    scene,
    shop,
    now,
    at,
    setAnnotations(annotations: Readonly<Record<string, string>>): void {
      scene.api.put(paths.namespace('shop'), { metadata: { uid: shop()?.uid, labels: marked, annotations } });
    },
    run: (more: Partial<Parameters<typeof fence>[1]> = { trial }) =>
      fence('shop', { ...options, ...more }, scene.ports, config),
    confirm: () => confirmTrial('shop', wait, scene.ports, config),
  };
}
