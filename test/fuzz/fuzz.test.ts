import { expect, it } from 'vitest';
import { runCampaign } from './campaign.ts';

// A fixed seed gives the same reviews in every run, so a failure comes from a change of the code.
// `npm run fuzz` uses other seeds and more reviews.
const campaign = { reviews: 20_000, seed: 20_260_101 };

// Ten times the duration on two idle cores.
const timeout = 240_000;

it('20,000 hostile reviews are answered in order, and as the pure engine judges', { timeout }, async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', note);
  const tally = await runCampaign(campaign);
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
  // The mixture of reviews is right: enough of each outcome, and some over a socket.
  expect(tally.reviews).toBe(campaign.reviews);
  expect(Math.min(tally.admitted, tally.refused, tally.badRequests)).toBeGreaterThan(2_000);
  expect(tally.overTls).toBeGreaterThan(200);
});
