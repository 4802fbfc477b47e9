import { isIP } from 'node:net';
import { bundlesOf } from '../installation/webhook-configuration.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { coversNames, isIssuedBy, isValidAt, lastCallOf, readCertificates, renewalOf } from '../tls/certificate.ts';
import { examination } from './examination.ts';
import type { Facts, ServedCertificate, WebhookConfigurations } from './facts.ts';
import { valueIn } from './facts.ts';
import { type Answer, clean, finding, listed, undecided } from './line.ts';

const renewRemedy =
  'Look at /readyz and the log of the replicas: they renew by themselves, or follow the mounted files (docs/certificates.md).';

/** Whether the API server can trust what Ringfence serves, now and tomorrow. */
export const certificates = examination({
  id: 'certificates',
  question: 'Does the API server trust the certificate of Ringfence?',
  finding:
    'an entry trusts no valid authority, or the certificate has expired, is overdue for renewal, has another name or is signed by another authority',
  needs: ['webhooks'],
  answer({ webhooks }, facts) {
    const place = 'caBundle of the webhook configurations';
    if (webhooks.validating === undefined && webhooks.mutating === undefined)
      return [undecided(place, 'they do not exist', 'See webhook-reach.')];
    if (allBundles(webhooks).length === 0) return [undecided(place, 'they have no entry', 'See webhook-entries.')];
    return [...bundleAnswers(webhooks, facts.now), ...leafAnswers(webhooks, facts)];
  },
});

function allBundles({ validating, mutating }: WebhookConfigurations): readonly string[] {
  return [...bundlesOf(validating), ...bundlesOf(mutating)];
}

function bundleAnswers(webhooks: WebhookConfigurations, now: number): readonly Answer[] {
  const place = 'caBundle of all entries';
  const bundles = allBundles(webhooks).map(readCertificates);
  const empty = bundles.filter((bundle) => !bundle.some((authority) => isValidAt(authority, now))).length;
  if (empty > 0)
    return [
      finding(
        place,
        `${empty} of ${bundles.length} entries have no authority that is valid now`,
        'calls of these entries fail: they are refused where the entry fails closed, and pass unseen elsewhere',
        'Ringfence writes the bundle within seconds. If it stays so, its log says why.',
      ),
    ];
  const ends = bundles.map((bundle) => Math.max(...bundle.map(({ validToDate }) => validToDate.getTime())));
  return [clean(place, `trusted until ${dayOf(Math.min(...ends))}`)];
}

function leafAnswers(webhooks: WebhookConfigurations, facts: Facts): readonly Answer[] {
  const { certificate, now } = facts;
  if ('value' in certificate) return [leafAnswer(certificate.value, allBundles(webhooks), now)];
  // A laptop does not resolve the Service. The proof of reach contains the API server's own check.
  const told = (valueIn(facts.replicas) ?? []).flatMap(({ name, readyz }) => {
    const at = Date.parse(textAt(valueIn(readyz), 'expiry', 'certificate') ?? '');
    return Number.isNaN(at) ? [] : [{ name, at }];
  });
  if (told.length === 0) return [undecided('the certificate that is served', certificate.problem, certificate.remedy)];
  const late = told.filter(({ at }) => at <= now + hourMs);
  const place = `/readyz of ${listed(told.map(({ name }) => name))}`;
  if (late.length > 0)
    return [
      finding(
        place,
        `the certificate of ${listed(late.map(({ name }) => name))} ends at ${dayOf(Math.min(...late.map(({ at }) => at)))}`,
        'the API server refuses the next connection',
        renewRemedy,
      ),
    ];
  return [clean(place, `the certificate is valid until ${dayOf(Math.min(...told.map(({ at }) => at)))}`)];
}

/** Replicas renew when a third of the life is left, so a later renewal has failed. */
const hourMs = 3_600_000;

function leafAnswer({ address, host, chain }: ServedCertificate, bundles: readonly string[], now: number): Answer {
  const [leaf, ...others] = readCertificates(chain);
  const place = `the certificate at ${address}`;
  if (leaf === undefined) return undecided(place, 'it cannot be read', renewRemedy);
  const wrong: string[] = [];
  if (!isValidAt(leaf, now))
    wrong.push(`valid from ${dayOf(leaf.validFromDate.getTime())} to ${dayOf(leaf.validToDate.getTime())}`);
  else if (now > overdueOf(leaf)) wrong.push(`ends on ${dayOf(leaf.validToDate.getTime())} and has not been renewed`);
  const names = isIP(host) === 0 ? { dnsNames: [host], ipAddresses: [] } : { dnsNames: [], ipAddresses: [host] };
  if (!coversNames(leaf, names)) wrong.push(`not for ${host}, which the API server asks for`);
  const untrusting = bundles.map(readCertificates).filter((bundle) => {
    const trusted = [...bundle];
    for (const other of others.toReversed())
      if (trusted.some((authority) => isIssuedBy(other, authority))) trusted.push(other);
    return !trusted.some(
      (authority) => isIssuedBy(leaf, authority) || authority.fingerprint256 === leaf.fingerprint256,
    );
  });
  if (untrusting.length > 0)
    wrong.push(`signed by nobody whom ${untrusting.length} of ${bundles.length} entries trust`);
  if (wrong.length === 0)
    return clean(place, `valid until ${dayOf(leaf.validToDate.getTime())}, for ${host}, and trusted`);
  return finding(place, wrong.join('; '), 'calls of the API server fail, or will', renewRemedy);
}

/** Half of the time between the due renewal and the last moment. */
function overdueOf(leaf: Parameters<typeof renewalOf>[0]): number {
  const due = renewalOf(leaf);
  return due + (lastCallOf(leaf) - due) / 2;
}

function dayOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}
