import { expect, it } from 'vitest';
import { namespaceKind, networkPolicyKind } from '../../src/fencing/locations.ts';
import type { Right } from '../../src/fencing/ports.ts';
import { requireRights } from '../../src/fencing/rights.ts';

const walls = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    kind: networkPolicyKind,
    object: { metadata: { namespace: `ns-${index}`, name: 'deny-all-baseline' } },
    verb: 'delete' as const,
  }));
const shop = { kind: namespaceKind, object: { metadata: { name: 'shop' } }, verb: 'patch' as const };

function person(isAllowed: (right: Right) => boolean) {
  const asked: Right[] = [];
  return {
    asked,
    isAllowed: async (right: Right) => {
      asked.push(right);
      return isAllowed(right);
    },
  };
}

it('asks about each object by its name, and about many of a kind in one question', async () => {
  const admin = person(() => true);
  await requireRights([shop, ...walls(1_000)], admin);
  expect(admin.asked).toEqual([
    { verb: 'patch', group: '', resource: 'namespaces', name: 'shop' },
    { verb: 'delete', group: 'networking.k8s.io', resource: 'networkpolicies' },
  ]);
});

it('asks one by one where the right is not held everywhere: it may be held there', async () => {
  const keeper = person(({ namespace }) => namespace !== undefined);
  await requireRights(walls(50), keeper);
  expect(keeper.asked).toHaveLength(51);
});

it('names what is missing, within a screen', async () => {
  const nobody = person(() => false);
  await expect(requireRights([shop, ...walls(12)], nobody)).rejects.toThrow(
    /^nothing was changed, because .*\n {2}patch namespaces "shop"\n( {2}delete networkpolicies\.networking\.k8s\.io "deny-all-baseline" in namespace ns-\d\n){9} {2}and 3 more$/,
  );
});
