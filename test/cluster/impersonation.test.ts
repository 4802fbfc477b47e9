import { describe, expect, it } from 'vitest';
import { impersonationHeaders } from '../../src/cluster/impersonation.ts';

describe('impersonation', () => {
  it('is nothing without a user', () => {
    expect(impersonationHeaders({ token: 'secret' })).toEqual({});
  });

  it('names the user, the UID, each group, and each value of each key', () => {
    const user = {
      as: 'ada',
      'as-uid': '42',
      'as-groups': ['developers', 'people'],
      'as-user-extra': { scopes: ['read', 'write'], reason: ['on call'] },
    };
    expect(impersonationHeaders(user)).toEqual({
      'Impersonate-User': 'ada',
      'Impersonate-Uid': '42',
      'Impersonate-Group': ['developers', 'people'],
      'Impersonate-Extra-scopes': ['read', 'write'],
      'Impersonate-Extra-reason': ['on call'],
    });
  });

  it.each([
    ['a slash', 'example.com/team', 'example.com%2Fteam'],
    ['a percent sign', '100%', '100%25'],
    ['a space and a colon', 'a b:c', 'a%20b%3Ac'],
    ['another alphabet', 'schlüssel', 'schl%C3%BCssel'],
    ['the characters that a header may have', "!#$&'*+-.^_`|~09azAZ", "!#$&'*+-.^_`|~09azAZ"],
  ])('encodes %s in a key', (_, key, encoded) => {
    const headers = impersonationHeaders({ as: 'ada', 'as-user-extra': { [key]: ['x'] } });
    expect(Object.keys(headers)).toEqual(['Impersonate-User', `Impersonate-Extra-${encoded}`]);
  });

  it('sends names in UTF-8, one byte for each character', () => {
    expect(impersonationHeaders({ as: 'jörg', 'as-groups': ['größe'] })).toEqual({
      'Impersonate-User': 'j\u00c3\u00b6rg',
      'Impersonate-Group': ['gr\u00c3\u00b6\u00c3\u009fe'],
    });
  });

  it('sends no header for an empty list', () => {
    const headers = impersonationHeaders({ as: 'ada', 'as-groups': [], 'as-user-extra': { scopes: [] } });
    expect(headers).toEqual({ 'Impersonate-User': 'ada' });
  });
});
