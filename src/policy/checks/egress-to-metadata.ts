// Rule: no ipBlock of egress contains the metadata service of the cloud (169.254.169.254), which
// gives the credentials of the node to every client.
import { isInRange, readAddress } from '../../network/address.ts';
import type { OpeningCheck } from '../check.ts';
import { shortField } from '../opening.ts';

const metadataService = readAddress('169.254.169.254');

export const egressToMetadata: OpeningCheck = {
  id: 'egress-to-metadata',
  rule: 'No ipBlock of egress contains the metadata service of the cloud, 169.254.169.254.',
  remedy: 'Add 169.254.169.254/32 to the except list of the ipBlock.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened) {
    return opened.openings
      .filter(
        (opening) =>
          opening.direction === 'egress' &&
          opening.other.kind === 'addresses' &&
          opening.role === undefined &&
          opening.other.ranges.some((range) => metadataService !== undefined && isInRange(range, metadataService)),
      )
      .map(({ field }) => ({
        field: `${field}.ipBlock`,
        subject: shortField(field),
        found: '169.254.169.254',
        reason: 'holds the metadata service; add except: [169.254.169.254/32]',
      }));
  },
};
