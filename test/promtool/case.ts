// A case of an alert: what makes it fire, or does not. Series are in promtool's notation: `0+1x10`
// begins at 0 and adds 1, ten times; one value a minute.

export interface Case {
  readonly alert: string;
  /** The scraped series. */
  readonly series: Readonly<Record<string, string>>;
  /** The time of the evaluation: promtool's duration since the first scrape. */
  readonly at: string;
  /** The labels of the firing alert, besides alertname and severity. Without them nothing fires. */
  readonly fires?: Readonly<Record<string, string>>;
  /** The text for `$value` in annotations. */
  readonly shown?: string;
}

/** The labels of two replicas, and those of the first in a firing alert. */
export const a = 'job="ringfence", instance="a"';
export const b = 'job="ringfence", instance="b"';
export const onA = { job: 'ringfence', instance: 'a' };
/** A quiet day and then a surge: 1440 values, one a minute, of 0.05/s; then the given ones. */
const aDayThen = (surge: string): string => `0+3x1440 ${surge}`;

/** Returns cases of a surge: compared with a day ago, and without data from a day ago. */
export function surge(alert: string, series: string, small: string, large: string, shown: string): readonly Case[] {
  return [
    { alert, series: { [series]: aDayThen(`4320+${large}x40`) }, at: '1475m', fires: {}, shown },
    { alert, series: { [series]: aDayThen(`4320+${small}x40`) }, at: '1475m' },
    { alert, series: { [series]: `0+${large}x40` }, at: '35m', fires: {}, shown },
    // As much as yesterday does not fire, even if it is much.
    { alert, series: { [series]: `0+${large}x1500` }, at: '1475m' },
    { alert, series: {}, at: '35m' },
  ];
}
