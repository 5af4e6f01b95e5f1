import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256, sha256d } from '../../../src/crypto/hash.ts';
import { merkleLeaf, merkleNode, merklePath, merklePathRoot, merkleRoot, merkleSplit } from '../../../src/crypto/merkle.ts';
import { concatBytes, fromHex, toHex } from '../../../src/util/bytes.ts';
import vectors from '../../vectors/rfc6962.json' with { type: 'json' };

function nodeSha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** RFC 6962 §2.1 word for word: split at the largest power of two below n. */
function recursiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return nodeSha256();
  if (leaves.length === 1) return nodeSha256(Uint8Array.of(0), leaves[0]!);
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  return nodeSha256(Uint8Array.of(1), recursiveRoot(leaves.slice(0, split)), recursiveRoot(leaves.slice(split)));
}

describe('Merkle tree of RFC 6962', () => {
  const leaves = vectors.leaves.map(fromHex);

  test.each(vectors.roots.map((root, count) => ({ root, count })))(
    'public vector: root over the first $count leaves',
    ({ root, count }) => {
      expect(toHex(merkleRoot(leaves.slice(0, count)))).toBe(root);
    },
  );

  test('agrees with the recursive definition for every count up to 70', () => {
    const many = Array.from({ length: 70 }, (_, i) => Uint8Array.of(i, 255 - i));
    for (let count = 0; count <= many.length; count++) {
      expect(toHex(merkleRoot(many.slice(0, count)))).toBe(toHex(recursiveRoot(many.slice(0, count))));
    }
  });

  test('a list is split at the largest power of two below its length', () => {
    const splits = [2, 3, 4, 5, 8, 9, 2 ** 31, 2 ** 31 + 1, 2 ** 32].map(merkleSplit);
    expect(splits).toEqual([1, 2, 2, 4, 4, 8, 2 ** 30, 2 ** 31, 2 ** 31]);
  });

  test('the path of each leaf leads to the root, and no other leaf or altered path does', () => {
    const lists = fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 20, selector: toHex });
    fc.assert(
      fc.property(lists, fc.nat(), fc.nat(), (list, pick, step) => {
        const root = toHex(merkleRoot(list));
        const index = pick % list.length;
        const path = merklePath(list, index);
        expect(toHex(merklePathRoot(list[index]!, path))).toBe(root);
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(list.length)));
        expect(toHex(merklePathRoot(Uint8Array.of(...list[index]!, 0), path))).not.toBe(root);
        if (path.length === 0) return;
        const at = step % path.length;
        const { isLeft, hash } = path[at]!;
        const altered = [
          path.with(at, { isLeft: !isLeft, hash }),
          path.with(at, { isLeft, hash: hash.with(0, hash[0]! ^ 1) }),
          path.toSpliced(at, 1),
        ];
        for (const other of altered) expect(toHex(merklePathRoot(list[index]!, other))).not.toBe(root);
      }),
    );
  });

  test('CVE-2012-2459: repeating trailing leaves changes the root', () => {
    const three = leaves.slice(0, 3);
    expect(merkleRoot([...three, three[2]!])).not.toEqual(merkleRoot(three));
    expect(merkleRoot([...three, ...three])).not.toEqual(merkleRoot(three));
  });

  test('an inner node cannot pose as a leaf', () => {
    const [a, b] = [leaves[1]!, leaves[2]!];
    const forged = concatBytes(merkleLeaf(a), merkleLeaf(b));
    expect(merkleRoot([forged])).not.toEqual(merkleNode(merkleLeaf(a), merkleLeaf(b)));
  });

  test('order and count are committed to', () => {
    const lists = fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 9, selector: toHex });
    fc.assert(
      fc.property(lists, fc.nat(), (list, at) => {
        const root = toHex(merkleRoot(list));
        const i = at % (list.length - 1);
        const swapped = list.toSpliced(i, 2, list[i + 1]!, list[i]!);
        expect(toHex(merkleRoot(swapped))).not.toBe(root);
        expect(toHex(merkleRoot(list.slice(0, -1)))).not.toBe(root);
      }),
    );
  });
});

describe('hashes', () => {
  test('SHA-256 and SHA-256d agree with node:crypto, whole or in parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 4 }), (parts) => {
        expect(toHex(sha256(...parts))).toBe(toHex(nodeSha256(...parts)));
        expect(toHex(sha256d(...parts))).toBe(toHex(nodeSha256(nodeSha256(...parts))));
      }),
    );
  });
});
