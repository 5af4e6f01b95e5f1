import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manifestFor } from '../../../src/ui/shell/manifest.ts';

const file = (name: string): URL => new URL(`../../../public/${name}`, import.meta.url);
const general = JSON.parse(readFileSync(file('manifest.webmanifest'), 'utf8')) as Record<string, unknown>;

describe('the manifest of a network', () => {
  const manifest = manifestFor(general, 'http://host:8080/tabchain/', { link: '#net=class-3b&T=5000', label: 'class-3b' });

  it('starts with the network, under its own id', () => {
    expect(manifest).toMatchObject({
      name: 'Tabchain · class-3b',
      start_url: 'http://host:8080/tabchain/#net=class-3b&T=5000',
      id: 'http://host:8080/tabchain/?net=class-3b&T=5000',
      scope: 'http://host:8080/tabchain/',
      display: 'standalone',
    });
  });

  it('names pictures by whole addresses', () => {
    expect(manifest['icons']).toContainEqual({
      src: 'http://host:8080/tabchain/icon-512.png',
      sizes: '512x512',
      type: 'image/png',
      purpose: 'any',
    });
  });

  it('has pictures of the sizes that it names', () => {
    for (const { src, sizes, type } of general['icons'] as { src: string; sizes: string; type: string }[]) {
      const bytes = readFileSync(file(src));
      if (type !== 'image/png') continue;
      // PNG has width and height at bytes 16 and 20, big-endian.
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
    }
  });
});
