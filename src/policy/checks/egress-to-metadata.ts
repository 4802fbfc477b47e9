// Rule: no ipBlock of egress contains an address of the cloud's metadata service, which gives the
// credentials of the node to every client.
import { isInRange } from '../../network/address.ts';
import { metadataServices } from '../../network/metadata-address.ts';
import { formatAddress } from '../../network/range-text.ts';
import type { OpeningCheck } from '../check.ts';
import { shortField } from '../opening.ts';

export const egressToMetadata: OpeningCheck = {
  id: 'egress-to-metadata',
  rule: 'No ipBlock of egress contains the metadata service of the cloud, 169.254.169.254 or fd00:ec2::254.',
  remedy: 'Add 169.254.169.254/32, or fd00:ec2::254/128, to the except list of the ipBlock.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened) {
    return opened.openings.flatMap(({ direction, other, role, field }) => {
      if (direction !== 'egress' || other.kind !== 'addresses' || role !== undefined) return [];
      return metadataServices
        .filter((service) => other.ranges.some((range) => isInRange(range, service)))
        .map((service) => {
          const found = formatAddress(service);
          const except = `${found}/${service.family === 4 ? 32 : 128}`;
          return {
            field: `${field}.ipBlock`,
            subject: shortField(field),
            found,
            reason: `holds the metadata service; add except: [${except}]`,
          };
        });
    });
  },
};
