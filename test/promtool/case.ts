// What a case of an alert is: what makes it fire, or does not. Series in promtool's notation:
// `0+1x10` begins at 0 and adds 1, ten times; one value a minute.

export interface Case {
  readonly alert: string;
  /** What is scraped. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at: promtool's duration since the first scrape. */
  readonly at: string;
  /**
   * The labels of what fires then, beside alertname and severity; nothing fires where there is
   * none.
   */
  readonly fires?: Readonly<Record<string, string>>;
  /** What an annotation says in place of `$value`. */
  readonly shown?: string;
}

/** The labels of two replicas, and those of the first in what fires. */
export const a = 'job="ringfence", instance="a"';
export const b = 'job="ringfence", instance="b"';
export const onA = { job: 'ringfence', instance: 'a' };
/** A day of nothing much, then a surge: values a minute, 1440 of them, 0.05/s; then as given. */
const aDayThen = (surge: string): string => `0+3x1440 ${surge}`;

/**
 * A surge of a counter is seen against the same time a day ago, and where there was nothing a day
 * ago.
 */
export function surge(alert: string, series: string, small: string, large: string, shown: string): readonly Case[] {
  return [
    { alert, series: { [series]: aDayThen(`4320+${large}x40`) }, at: '1475m', fires: {}, shown },
    { alert, series: { [series]: aDayThen(`4320+${small}x40`) }, at: '1475m' },
    { alert, series: { [series]: `0+${large}x40` }, at: '35m', fires: {}, shown },
    // As much as yesterday, however much that is.
    { alert, series: { [series]: `0+${large}x1500` }, at: '1475m' },
    { alert, series: {}, at: '35m' },
  ];
}
