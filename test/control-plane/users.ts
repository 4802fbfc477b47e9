import type { User } from './components.ts';

/** The people of docs/security.md: each has one of Ringfence's shipped roles or none. */
export const people: readonly User[] = [
  { name: 'stranger', groups: ['people'] },
  { name: 'viewer', groups: ['people'] },
  { name: 'lead', groups: ['people', 'team-shop-leads'] },
  { name: 'keeper', groups: ['people', 'platform'] },
  { name: 'granter', groups: ['people'] },
];

/** Everybody whom tests name. They have only the rights that a test grants. */
export const everybody: readonly User[] = [
  ...people,
  { name: 'dev', groups: ['developers'] },
  { name: 'ops', groups: ['developers'] },
  { name: 'guest' },
];
