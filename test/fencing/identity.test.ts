import { expect, it } from 'vitest';
import { readIdentity } from '../../src/fencing/identity.ts';
import { config } from './scene.ts';

it('reads labels as people write them', () => {
  expect([...readIdentity('env=prod, tier=web,team=shop', config)]).toEqual([
    ['env', 'prod'],
    ['tier', 'web'],
    ['team', 'shop'],
  ]);
});

it.each([
  ['env', '"env" is not a label; write KEY=VALUE,KEY=VALUE'],
  ['env=prod,', '"" is not a label; write KEY=VALUE,KEY=VALUE'],
  ['env=a=b', '"env=a=b" is not a label; write KEY=VALUE,KEY=VALUE'],
  [
    'teir=web',
    '"teir" is not a key of the taxonomy (env, tier, team, sensitivity, expose, internal); did you mean "tier"?',
  ],
  ['constructor=x', '"constructor" is not a key of the taxonomy (env, tier, team, sensitivity, expose, internal)'],
  ['env=prod,env=dev', '"env" is given twice'],
  ['env=prd,team=-', 'env "prd" is not one of prod, staging, dev; did you mean "prod"?\nteam "-" is not a DNS label'],
])('says in a sentence what is wrong with %s', (text, sentence) => {
  expect(() => readIdentity(text, config)).toThrow(new Error(sentence));
});
