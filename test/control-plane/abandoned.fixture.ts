// control-plane.test.ts runs this as a separate process. It starts a control plane, prints what
// belongs to it, and waits until it is killed.
import { startControlPlane } from './control-plane.ts';

const [binaries = ''] = process.argv.slice(2);
process.on('message', () => {
  throw new Error('a crash, as asked for');
});
const controlPlane = await startControlPlane({ binaries, controllers: false });
process.send?.({ folder: controlPlane.folder, pids: controlPlane.processes().map(({ pid }) => pid) });
