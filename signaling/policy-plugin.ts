import type { Plugin } from 'vite';
import { LAST_SLASH_SCRIPT } from './last-slash.ts';
import { CONTENT_SECURITY_POLICY, HEADER_ONLY_DIRECTIVES } from './security-headers.ts';

/**
 * Puts the content security policy into the built page itself, because a static host of dist/ sets no such header. Behind the policy stands the
 * script that must run before the browser requests any file of the page.
 */
export function policyPlugin(): Plugin {
  const content = CONTENT_SECURITY_POLICY.filter((directive) => !HEADER_ONLY_DIRECTIVES.some((name) => directive.startsWith(name)));
  return {
    name: 'content-security-policy',
    apply: 'build',
    // First in the head, because a policy applies only to what follows it.
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: content.join('; ') }, injectTo: 'head-prepend' },
      { tag: 'script', children: LAST_SLASH_SCRIPT, injectTo: 'head-prepend' },
    ],
  };
}
