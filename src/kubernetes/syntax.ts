// The forms that the API server demands of names and labels (k8s.io/apimachinery v0.36
// pkg/api/validate/content: dns.go, kube.go).

const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const isDnsLabel = new RegExp(`^${dnsLabel}$`);
const isDnsSubdomain = new RegExp(`^${dnsLabel}(\\.${dnsLabel})*$`);
const isLabelText = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const alphabet = 'consists of letters, digits, "-", "_" and ".", and begins and ends with a letter or digit';

/** Returns why a text is not a label value, as a clause after its name; undefined if it is one. */
export function wrongLabelValue(value: string): string | undefined {
  if (value.length > 63) return `has ${value.length} characters; a label value has at most 63`;
  if (value === '' || isLabelText.test(value)) return undefined;
  return `is ${JSON.stringify(value)}; a label value ${alphabet}`;
}

/**
 * Returns why a text is not the key of a label, as a clause after its name; undefined if it is one.
 * The key of an annotation has the same form, but its letters may be of any case.
 */
export function wrongLabelKey(key: string): string | undefined {
  // Most keys have no prefix.
  if (key.length <= 63 && isLabelText.test(key)) return undefined;
  const [first = '', second, ...rest] = key.split('/');
  const [prefix, name] = second === undefined ? [undefined, first] : [first, second];
  if (rest.length > 0) return 'has more than one "/"; a label key is NAME or PREFIX/NAME';
  if (prefix !== undefined && (prefix.length > 253 || !isDnsSubdomain.test(prefix)))
    return `has the prefix ${JSON.stringify(prefix.slice(0, 80))}; the prefix of a label key is a DNS name in lower case`;
  if (name.length > 63) return `has a name of ${name.length} characters; the name of a label key has at most 63`;
  if (!isLabelText.test(name)) return `has the name ${JSON.stringify(name)}; the name of a label key ${alphabet}`;
  return undefined;
}

/** Returns why a text is not the name of a namespace; undefined if it is one. */
export function wrongNamespaceName(name: string): string | undefined {
  if (name.length > 63) return `has ${name.length} characters; the name of a namespace has at most 63`;
  if (isDnsLabel.test(name)) return undefined;
  return `is ${JSON.stringify(name)}; the name of a namespace consists of a-z, 0-9 and "-", and begins and ends with a letter or digit`;
}

/**
 * Returns why a text is not the name of an object of most kinds (a DNS subdomain); undefined if it
 * is one.
 */
export function wrongObjectName(name: string): string | undefined {
  if (name.length > 253) return `has ${name.length} characters; a name has at most 253`;
  if (isDnsSubdomain.test(name)) return undefined;
  return `is ${JSON.stringify(name.slice(0, 80))}; a name consists of a-z, 0-9, "-" and ".", and each part begins and ends with a letter or digit`;
}
