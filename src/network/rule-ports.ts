import { allPorts, noPorts, type PortSet, portRange, unite } from './port-set.ts';
import type { Rule } from './rules.ts';
import type { Pod } from './world.ts';

/** A rule, as far as its ports matter. */
type Ported = Pick<Rule, 'ports'>;

/** Whether a rule calls a port by its name. */
export function namesPorts(rule: Ported): boolean {
  return (rule.ports ?? []).some(({ port }) => typeof port === 'object' && 'name' in port);
}

/**
 * The ports that a rule holds at a destination. An undefined destination is outside the cluster,
 * where port names are not resolved.
 */
export function rulePorts(rule: Ported, destination: Pod | undefined): PortSet {
  if (rule.ports === undefined) return allPorts;
  let set = noPorts;
  for (const { protocol, port } of rule.ports) {
    if (port === 'all') set = unite(set, portRange(protocol));
    else if ('first' in port) set = unite(set, portRange(protocol, port.first, port.last));
    else {
      for (const one of destination?.ports ?? [])
        if (one.name === port.name && one.protocol === protocol)
          set = unite(set, portRange(protocol, one.port, one.port));
    }
  }
  return set;
}
