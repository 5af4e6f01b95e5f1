/** Links wait at most this long for the answer; most hosts answer within a round trip. */
const ANSWER_MS = 1_000;

/** More servers than any host should offer; the settings check each text. */
const MAX_TEXTS = 16;

/** The STUN and TURN servers that the host of the page offers in `links.json`, unchecked; none without an answer. */
export async function hostIceServers(): Promise<string[]> {
  try {
    const answer = await fetch('links.json', { signal: AbortSignal.timeout(ANSWER_MS) });
    const { iceServers } = (await answer.json()) as { iceServers?: unknown };
    return Array.isArray(iceServers) ? iceServers.filter((text) => typeof text === 'string').slice(0, MAX_TEXTS) : [];
  } catch {
    // The page came from a cache, or from a host without the file.
    return [];
  }
}
