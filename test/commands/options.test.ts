import { describe, expect, it } from 'vitest';
import {
  chosenNamespace,
  ownNamespaceOption,
  readHttpsUrl,
  readPort,
  readRelist,
  readSeconds,
  readSilence,
} from '../../src/commands/options.ts';
import { readEnvironment } from '../../src/config/environment.ts';

describe('the options of the commands', () => {
  it.each<[string, (text: string) => unknown, string, unknown]>([
    ['a port', readPort, '8443', 8443],
    ['port 0, which lets the system choose', readPort, '0', 0],
    ['the last port', readPort, '65535', 65_535],
    ['the least silence', readSilence, '30', 30],
    ['the least time between two lists', readRelist, '1', 1],
    ['parts of a second', readSeconds, '0.5', 0.5],
    ['a week in seconds', readSeconds, '604800', 604_800],
    ['an https URL', readHttpsUrl, 'https://[::1]:8443/', 'https://[::1]:8443/'],
  ])('take %s', (_, read, text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each<[string, (text: string) => unknown, string, string]>([
    ['a port beyond the last', readPort, '65536', 'a port is a number from 0 to 65535.'],
    ['a port in words', readPort, 'https', 'a port is a number from 0 to 65535.'],
    ['half a port', readPort, '80.5', 'a port is a number from 0 to 65535.'],
    ['a silence that is none', readSilence, '29', 'at least 30 seconds are needed: a quiet watch is silent for 25.'],
    ['lists without a pause', readRelist, '0.5', 'seconds from 1 to 86400 are needed.'],
    ['a list that never comes', readRelist, '86401', 'seconds from 1 to 86400 are needed.'],
    ['a time before now', readSeconds, '-1', 'seconds are a number from 0 to 604800 (a week).'],
    ['a time without end', readSeconds, 'Infinity', 'seconds are a number from 0 to 604800 (a week).'],
    ['a time longer than a timer', readSeconds, '31536000', 'seconds are a number from 0 to 604800 (a week).'],
    [
      'a URL without TLS, which the API server does not call',
      readHttpsUrl,
      'http://10.0.0.1',
      'an https:// URL is needed.',
    ],
    ['an address that is no URL', readHttpsUrl, '10.0.0.1:8443', 'an https:// URL is needed.'],
  ])('refuse %s', (_, read, text, said) => {
    expect(() => read(text)).toThrow(said);
  });

  it('have the namespace of the Pod where there is one, else the one of the manifests', () => {
    const environment = readEnvironment({});
    expect(ownNamespaceOption(environment).defaultValue).toBe('ringfence-system');
    expect(ownNamespaceOption({ ...environment, podNamespace: 'fence' }).defaultValue).toBe('fence');
  });

  it('take the namespace as the argument or with -n, but not two', () => {
    expect([chosenNamespace('shop', undefined), chosenNamespace(undefined, 'shop')]).toEqual(['shop', 'shop']);
    expect(chosenNamespace('shop', 'shop')).toBe('shop');
    expect(() => chosenNamespace('shop', 'bank')).toThrow(
      'the argument names namespace shop, and -n names bank: use only one of them',
    );
    expect(() => chosenNamespace(undefined, undefined)).toThrow('name the namespace, as the argument or with -n');
  });
});
