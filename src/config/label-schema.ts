// The forms of label keys, label values and namespace names in Kubernetes, as JSON Schema. The
// problems of a configuration contain the titles.

// Kubernetes: a label key is a name of at most 63 characters, optionally after a DNS subdomain of
// at most 253 and a slash ("Labels and Selectors", Syntax and character set). The patterns are of
// RE2, which has no lookaround: Helm reads these schemas with Go.
const labelKeyPattern =
  '^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';

/** What no label key begins with: a prefix of more than 253 characters. */
export const longPrefix = '^[^/]{254}';

/** A label key, with an optional DNS prefix. */
export const labelKey = {
  title: 'a label key (an optional DNS prefix and "/", then at most 63 letters, digits, "-", "_", ".")',
  type: 'string',
  pattern: labelKeyPattern,
  not: { pattern: longPrefix },
};

/** A label value that is not empty. */
export const identityValue = {
  title: 'a label value (at most 63 letters, digits, "-", "_", ".", beginning and ending with a letter or digit)',
  type: 'string',
  pattern: '^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$',
};

/** Any label value, including the empty one. */
export const labelValue = { ...identityValue, pattern: '^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$' };

/** The whole name of a namespace: a DNS label (RFC 1123). */
export const namespaceName = {
  title:
    'a namespace name (a DNS label: at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit)',
  type: 'string',
  pattern: '^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$',
};

/**
 * The whole name of a namespace, or a prefix. A prefix must end with a hyphen, so that `o*` cannot
 * exempt names by accident: `openshift-*`.
 */
export const namespaceNames = {
  title: `${namespaceName.title}, or a prefix that ends with "-" and then "*" (openshift-*)`,
  type: 'string',
  pattern: '^[a-z0-9](?:(?:[-a-z0-9]{0,61}[a-z0-9])?|[-a-z0-9]{0,60}-\\*)$',
};

/** A network in CIDR form; `schema-problems.ts` checks the format. */
export const cidr = { title: 'a CIDR (169.254.20.10/32)', type: 'string', format: 'cidr' };
