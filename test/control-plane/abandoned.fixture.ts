// Run as a process of its own by control-plane.test.ts: starts a control plane, says what belongs
// to it, and then waits to be ended in some rude way.
import { startControlPlane } from './control-plane.ts';

const [binaries = ''] = process.argv.slice(2);
process.on('message', () => {
  throw new Error('a crash, as asked for');
});
const controlPlane = await startControlPlane({ binaries, controllers: false });
process.send?.({ folder: controlPlane.folder, pids: controlPlane.processes().map(({ pid }) => pid) });
