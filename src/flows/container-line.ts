/** Gives on what containers have written, without what runtimes and kubectl put around it. */
export interface ContainerLines {
  take(line: string): void;
  /** Gives on pieces whose end never came. */
  end(): void;
}

/** `kubectl logs --prefix`: the Pod and the container that have written the line. */
const podPrefix = /^\[pod\/[^\]\s]+\] /;

/**
 * The format of the Container Runtime Interface, as in the files under /var/log/pods
 * (kubernetes/design-proposals-archive, node/kubelet-cri-logging.md): `TIME STREAM TAGS CONTENT`.
 * The first tag is F for a whole line or its end, and P for a piece of it.
 */
const cri = /^\d{4}-\d\d-\d\dT\S+ (?<stream>stdout|stderr) (?<tag>[PF])(?::\S*)? (?<content>.*)$/s;

/** `kubectl logs --timestamps`: RFC 3339, with up to nine digits of a second. */
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) /;

/** Longer lines are no lines of a log. What is beyond makes them malformed. */
const longestLine = 32 * 2 ** 20;

/** Reads lines that may have any of these around them, and joins the pieces of a line. */
export function createContainerLines(give: (line: string) => void): ContainerLines {
  /** What came of each line, by the Pod and the stream that have written it. */
  const pieces = new Map<string, string>();
  return {
    take(line) {
      const first = line.charCodeAt(0);
      // Almost all lines are JSON as it stands.
      if (first === openingBrace) {
        give(line);
        return;
      }
      const pod = first === openingBracket ? (podPrefix.exec(line)?.[0] ?? '') : '';
      const written = pod === '' ? line : line.slice(pod.length);
      const found = cri.exec(written)?.groups;
      if (found === undefined) {
        give(written.replace(timestamp, ''));
        return;
      }
      const { stream, tag, content = '' } = found;
      const key = [pod, stream].join(' ');
      const whole = (pieces.get(key) ?? '') + content;
      if (tag === 'P' && whole.length <= longestLine) {
        pieces.set(key, whole);
        return;
      }
      pieces.delete(key);
      give(whole);
    },
    end() {
      for (const whole of pieces.values()) give(whole);
      pieces.clear();
    },
  };
}

const openingBrace = 0x7b;
const openingBracket = 0x5b;
