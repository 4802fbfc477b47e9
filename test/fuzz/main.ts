// `npm run fuzz -- --reviews 1000000 [--seed N] [--path P]`: sends hostile reviews through the
// webhook server.
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';

const { values } = parseArgs({
  options: { reviews: { type: 'string', default: '100000' }, seed: { type: 'string' }, path: { type: 'string' } },
});
const [reviews, seed] = [Number(values.reviews), Number(values.seed ?? randomInt(2 ** 31))];
if (!Number.isInteger(reviews) || reviews < 1 || !Number.isInteger(seed)) {
  console.error('fuzz: --reviews and --seed are whole numbers');
  process.exit(2);
}

console.log(`${reviews} reviews, seed ${seed}`);
const started = performance.now();
process.on('unhandledRejection', (error) => {
  console.error('unhandled rejection', error);
  process.exit(1);
});
try {
  const tally = await runCampaign({
    reviews,
    seed,
    ...(values.path === undefined ? {} : { path: values.path }),
    onProgress(done) {
      if (done % 10_000 !== 0) return;
      const seconds = (performance.now() - started) / 1000;
      console.log(
        `${done} of ${reviews}, ${Math.round(done / seconds)} a second, ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
      );
    },
  });
  console.log(tally);
} catch (error) {
  console.error(error instanceof Error ? `${error.message}\n\n${String(error.cause)}` : error);
  console.error(`again: npm run fuzz -- --reviews ${reviews} --seed ${seed} --path (the path above)`);
  process.exit(1);
}
