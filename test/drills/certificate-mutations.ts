import type { DrillMutation } from './mutation.ts';

const rotation = 'src/tls/rotation.ts';
const trust = 'src/tls/trust.ts';
const mounted = 'src/tls/mounted-source.ts';
/** Removes other authorities at once, which would otherwise hide that the overlap is skipped. */
const forgetOthers = { file: trust, from: 'if (at - alien.since < alien.keepMs) return true;', to: '' };

const inSecret = 'certificates.test.ts';
const inFiles = 'certificates-mounted.test.ts';
const bundle = 'certificates-trust.test.ts';

export const certificateMutations: readonly DrillMutation[] = [
  {
    name: 'the authority before is trusted no more as soon as the new one signs, and nobody looks again before a repair',
    file: inSecret,
    only: 'renewed and change their authority',
    edits: [
      forgetOthers,
      { file: 'src/installation/keeper.ts', from: 'await source.refresh().catch(() => undefined);', to: '' },
      {
        file: rotation,
        from: '      previous: isNewest ? undefined : holding.previous,\n      leaf:',
        to: '      previous: isNewest ? undefined : holding.previous,\n      bundle: isNewest ? [newest.certificate] : holding.bundle,\n      leaf:',
      },
    ],
  },
  {
    name: 'the new authority signs before its bundle is published',
    file: inSecret,
    only: 'renewed and change their authority',
    edits: [
      { file: rotation, from: 'const mayAdvance = hasStood(holding, circumstances);', to: 'const mayAdvance = true;' },
    ],
  },
  {
    name: 'the server goes on with the certificate that it started with',
    file: inSecret,
    only: 'renewed and change their authority',
    edits: [{ file: 'src/server/app.ts', from: 'app.server.setSecureContext(secureContext(renewed));', to: '' }],
  },
  {
    name: 'a certificate in the Secret is taken with whatever key',
    file: inSecret,
    only: 'does not match',
    edits: [
      {
        file: 'src/tls/holding.ts',
        from: "  if (!isPair(certificate, key)) problems.push('tls.key is not the key of tls.crt');\n",
        to: '',
      },
    ],
  },
  {
    name: 'an expired certificate in the Secret is taken',
    file: inSecret,
    only: 'expired pair',
    edits: [
      {
        file: 'src/tls/holding.ts',
        from: "  if (!isValidAt(certificate, at)) problems.push('tls.crt is expired or not yet valid');\n",
        to: '',
      },
      {
        file: 'src/tls/certificate.ts',
        from: 'return start + ((end - start) * 2) / 3;',
        to: 'return start + (end - start) * 1000;',
      },
    ],
  },
  {
    name: 'a Secret that is deleted or spoilt takes their authority from the clients',
    file: inSecret,
    only: 'is deleted',
    edits: [
      forgetOthers,
      {
        file: rotation,
        from: 'const rescued = holding.leaf === undefined && isServed ? serving : undefined;',
        to: 'const rescued = holding.leaf === undefined && isServed ? undefined : undefined;',
      },
    ],
  },
  {
    name: 'certificates begin at the moment when they are made, whatever the other clocks say',
    file: inSecret,
    only: 'an hour ahead',
    edits: [
      {
        file: 'src/tls/certificate.ts',
        from: 'export const backdateMs = 3_600_000;',
        to: 'export const backdateMs = 0;',
      },
    ],
  },
  {
    name: 'an emptied caBundle is no difference',
    file: bundle,
    only: 'emptied by hand',
    edits: [
      {
        file: 'src/installation/difference.ts',
        from: "  if (field === 'clientConfig' && recordOf(value)",
        to: "  if (field === 'clientConfig' && recordOf(value)['caBundle'] !== undefined)\n    return compact({ ...recordOf(value), caBundle: undefined });\n  if (field === 'clientConfig' && recordOf(value)",
      },
    ],
  },
  {
    name: 'a certificate at its end leaves the replica ready',
    file: bundle,
    only: 'nobody can renew it',
    edits: [
      {
        file: 'src/telemetry/readiness.ts',
        from: 'if (certificate !== undefined && at >= certificate.lastCall)',
        to: 'if (certificate !== undefined && at >= certificate.expiresAt + 5_000)',
      },
    ],
  },
  {
    name: 'files are read once and never again',
    file: inFiles,
    only: 'are renewed',
    edits: [
      {
        file: mounted,
        from: '      void repeat(refresh, { everyMs: refreshMs, signal, clock });\n',
        to: '      void repeat;\n',
      },
    ],
  },
  {
    name: 'files of another authority are served before it is published',
    file: inFiles,
    only: 'change their authority',
    edits: [{ file: mounted, from: 'if (isTrusted || at >= lastCall(serving)) {', to: 'if (isTrusted || at > 0) {' }],
  },
  {
    name: 'authorities of other replicas are taken away at once',
    file: inFiles,
    only: 'change their authority',
    edits: [forgetOthers],
  },
  {
    name: 'a certificate in files is taken with whatever key',
    file: inFiles,
    only: 'does not match',
    edits: [
      {
        file: 'src/tls/mounted.ts',
        from: "  if (!isPair(certificate, files['tls.key']))",
        to: "  if (files['tls.key'] === '' && !isPair(certificate, files['tls.key']))",
      },
      {
        file: 'src/tls/mounted.ts',
        from: '  const refusal = refusalOf(material);',
        to: '  const refusal = refusalOf(material) === null ? refusalOf(material) : undefined;',
      },
    ],
  },
  {
    name: 'a certificate in files is taken whoever signed it',
    file: inFiles,
    only: 'does not vouch for',
    edits: [
      {
        file: 'src/tls/mounted.ts',
        from: 'const anchor = bundle.find((authority) => authority.ca && isIssuedBy(certificate, authority));',
        to: 'const anchor = bundle.find((authority) => authority.ca || isIssuedBy(certificate, authority));',
      },
    ],
  },
  {
    name: 'an expired certificate in files is taken',
    file: inFiles,
    only: 'an expired pair',
    edits: [
      {
        file: 'src/tls/mounted.ts',
        from: 'if (!isValidAt(certificate, at)) problems.push(`tls.crt',
        to: 'if (at === 0) problems.push(`tls.crt',
      },
    ],
  },
  {
    name: 'a replica is ready before its authority is announced',
    file: inFiles,
    only: 'take over from the Secret',
    edits: [
      {
        file: 'src/installation/announcement.ts',
        from: 'if (actual === undefined || carriesBundle(actual, source.current().caBundle)) return false;',
        to: 'if (actual === undefined || source.current() !== undefined) return false;',
      },
    ],
  },
];
