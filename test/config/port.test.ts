import { describe, expect, it } from 'vitest';
import { readPort } from '../../src/config/port.ts';

describe('readPort', () => {
  it.each<[number | string, ReturnType<typeof readPort>]>([
    [8080, { protocol: 'TCP', first: 8080, last: 8080 }],
    ['8080', { protocol: 'TCP', first: 8080, last: 8080 }],
    ['8000-8099', { protocol: 'TCP', first: 8000, last: 8099 }],
    ['8000-8099/TCP', { protocol: 'TCP', first: 8000, last: 8099 }],
    ['53/UDP', { protocol: 'UDP', first: 53, last: 53 }],
    ['1-65535/SCTP', { protocol: 'SCTP', first: 1, last: 65535 }],
    ['443-443', { protocol: 'TCP', first: 443, last: 443 }],
  ])('reads %j', (entry, port) => {
    expect(readPort(entry)).toEqual(port);
  });

  it.each([
    [0, '0 is not a port number (1 to 65535)'],
    [65536, '65536 is not a port number (1 to 65535)'],
    ['1-99999', '99999 is not a port number (1 to 65535)'],
    ['0-0', '0 is not a port number (1 to 65535)'],
    ['8099-8000/UDP', 'the range 8099-8000 ends before it begins'],
  ])('says what is wrong with %j', (entry, wrong) => {
    expect(readPort(entry)).toEqual({ wrong });
  });

  it.each([
    '',
    'http',
    '53/udp',
    '53/ICMP',
    '53/',
    '/UDP',
    '-1',
    '1-',
    '1-2-3',
    ' 53',
    '53\n',
    '0x35',
    '123456',
    8080.5,
  ])('does not know the form of %j', (entry) => {
    expect(readPort(entry)).toBeUndefined();
  });
});
