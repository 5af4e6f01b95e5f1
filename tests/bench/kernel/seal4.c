/*
 * The search for a seal in C, four nonces at a time in SSE2 intrinsics: the reference for the WebAssembly kernel. Both do the same work:
 * twelve rounds and all words that no nonce changes are computed once per job, constant words are folded, the last three rounds are left
 * out, and only the digest word that the early reject needs is computed. The rounds are unrolled, because that is fastest here.
 *
 * usage: seal4 <96 hexadecimal digits: header hash and nonce base> <first word> <count> <top>
 * prints the seconds of processor time, then the indices of seals whose most significant 32 bits are <= top
 */
#include <emmintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef __m128i v4;

/* FIPS 180-4, sections 4.2.2 and 5.3.3. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
static const uint32_t IV[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* Scalars, for values computed once per job. */
#define ROT(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define SUM0(x) (ROT(x, 2) ^ ROT(x, 13) ^ ROT(x, 22))
#define SUM1(x) (ROT(x, 6) ^ ROT(x, 11) ^ ROT(x, 25))
#define MIX0(x) (ROT(x, 7) ^ ROT(x, 18) ^ (x) >> 3)
#define MIX1(x) (ROT(x, 17) ^ ROT(x, 19) ^ (x) >> 10)

/* Vectors. */
static inline v4 add(v4 a, v4 b) { return _mm_add_epi32(a, b); }
static inline v4 xor(v4 a, v4 b) { return _mm_xor_si128(a, b); }
static inline v4 and(v4 a, v4 b) { return _mm_and_si128(a, b); }
static inline v4 all(uint32_t x) { return _mm_set1_epi32((int)x); }
#define VROT(x, n) xor(_mm_srli_epi32(x, n), _mm_slli_epi32(x, 32 - (n)))
#define VSUM0(x) xor(VROT(x, 2), xor(VROT(x, 13), VROT(x, 22)))
#define VSUM1(x) xor(VROT(x, 6), xor(VROT(x, 11), VROT(x, 25)))
#define VMIX0(x) xor(VROT(x, 7), xor(VROT(x, 18), _mm_srli_epi32(x, 3)))
#define VMIX1(x) xor(VROT(x, 17), xor(VROT(x, 19), _mm_srli_epi32(x, 10)))

/* One round; bc is b ^ c, which is a ^ b of the round before. `kw` is the sum of the round's constant and word. */
#define ROUND(a, b, c, d, e, f, g, h, kw)                                               \
    do {                                                                                \
        v4 first = add(add(h, kw), add(VSUM1(e), xor(g, and(e, xor(f, g))))), ab = xor(a, b); \
        d = add(d, first);                                                              \
        h = add(add(first, VSUM0(a)), xor(b, and(ab, bc)));                             \
        bc = ab;                                                                        \
    } while (0)

/* Eight rounds from t on, after which each name holds its own variable again; W(t) is the sum of constant and word. */
#define ROUNDS8(W, t)                       \
    ROUND(a, b, c, d, e, f, g, h, W(t));     \
    ROUND(h, a, b, c, d, e, f, g, W(t + 1)); \
    ROUND(g, h, a, b, c, d, e, f, W(t + 2)); \
    ROUND(f, g, h, a, b, c, d, e, W(t + 3)); \
    ROUND(e, f, g, h, a, b, c, d, W(t + 4)); \
    ROUND(d, e, f, g, h, a, b, c, W(t + 5)); \
    ROUND(c, d, e, f, g, h, a, b, W(t + 6)); \
    ROUND(b, c, d, e, f, g, h, a, W(t + 7))

#define WORD(t) w[(t) & 15]
#define EXTEND(t) (WORD(t) = add(add(WORD(t), VMIX0(WORD(t + 1))), add(WORD(t + 9), VMIX1(WORD(t + 14)))))
#define KNOWN(t) add(WORD(t), all(K[t]))
#define NEXT(t) add(EXTEND(t), all(K[t]))
/* Constant plus a word of the first block that no nonce changes. */
#define FIXED(t) all(K[t] + fixed[t])

enum { NONCE_WORD = 12, MAX_FOUND = 64 };

/* Words 16 to 31 of the first block: the whole word if no nonce changes it, otherwise the sum of its terms that no nonce changes. */
static void extend_fixed(uint32_t fixed[32]) {
    const uint32_t changed = 1u << 12 | 1u << 19 | 1u << 21 | 1u << 23 | 0x7fu << 25;
    for (int t = 16; t < 32; t++) {
        fixed[t] = 0;
        if (!(changed >> (t - 16) & 1)) fixed[t] += fixed[t - 16];
        if (!(changed >> (t - 15) & 1)) fixed[t] += MIX0(fixed[t - 15]);
        if (!(changed >> (t - 7) & 1)) fixed[t] += fixed[t - 7];
        if (!(changed >> (t - 2) & 1)) fixed[t] += MIX1(fixed[t - 2]);
    }
}

static int search(const uint32_t job[NONCE_WORD], uint32_t first, uint32_t count, uint32_t top, uint32_t found[MAX_FOUND]) {
    uint32_t fixed[32] = {0}, s[8];
    memcpy(fixed, job, 4 * NONCE_WORD);
    fixed[13] = 0x80000000;
    fixed[15] = 8 * 52;
    memcpy(s, IV, sizeof s);
    /* Round 12 without the nonce, which is only added to its results. */
    for (int t = 0; t <= NONCE_WORD; t++) {
        uint32_t one = s[7] + K[t] + fixed[t] + SUM1(s[4]) + (s[6] ^ (s[4] & (s[5] ^ s[6])));
        uint32_t two = SUM0(s[0]) + (s[1] ^ ((s[0] ^ s[1]) & (s[1] ^ s[2])));
        memmove(s + 1, s, 28);
        s[4] += one;
        s[0] = one + two;
    }
    extend_fixed(fixed);
    /* Round 0 of the second block begins with constants. */
    const uint32_t one0 = IV[7] + K[0] + SUM1(IV[4]) + (IV[6] ^ (IV[4] & (IV[5] ^ IV[6])));
    const uint32_t two0 = SUM0(IV[0]) + (IV[1] ^ ((IV[0] ^ IV[1]) & (IV[1] ^ IV[2])));
    int hits = 0;
    for (uint32_t at = 0; at < count; at += 4) {
        const v4 n = add(all(first + at), _mm_set_epi32(3, 2, 1, 0));
        v4 w[16];
        /* Named as after round 12, so that each name holds its own variable at the end of the groups of eight rounds. */
        v4 f = add(all(s[0]), n), g = all(s[1]), h = all(s[2]), a = all(s[3]), b = add(all(s[4]), n), c = all(s[5]), d = all(s[6]), e = all(s[7]);
        v4 bc = all(s[1] ^ s[2]);
        ROUND(f, g, h, a, b, c, d, e, FIXED(13));
        ROUND(e, f, g, h, a, b, c, d, FIXED(14));
        ROUND(d, e, f, g, h, a, b, c, FIXED(15));
        for (int t = 16; t < 32; t++) WORD(t) = all(fixed[t]);
        WORD(19) = add(n, WORD(19));
        WORD(21) = add(WORD(21), VMIX1(WORD(19)));
        WORD(23) = add(WORD(23), VMIX1(WORD(21)));
        WORD(25) = add(WORD(25), VMIX1(WORD(23)));
        WORD(26) = add(WORD(26), WORD(19));
        WORD(27) = add(WORD(27), add(VMIX0(n), VMIX1(WORD(25))));
        WORD(28) = add(add(WORD(28), n), add(WORD(21), VMIX1(WORD(26))));
        WORD(29) = add(WORD(29), VMIX1(WORD(27)));
        WORD(30) = add(WORD(30), add(WORD(23), VMIX1(WORD(28))));
        WORD(31) = add(WORD(31), VMIX1(WORD(29)));
        ROUND(c, d, e, f, g, h, a, b, FIXED(16));
        ROUND(b, c, d, e, f, g, h, a, FIXED(17));
        ROUND(a, b, c, d, e, f, g, h, FIXED(18));
        ROUND(h, a, b, c, d, e, f, g, KNOWN(19));
        ROUND(g, h, a, b, c, d, e, f, FIXED(20));
        ROUND(f, g, h, a, b, c, d, e, KNOWN(21));
        ROUND(e, f, g, h, a, b, c, d, FIXED(22));
        ROUND(d, e, f, g, h, a, b, c, KNOWN(23));
        ROUND(c, d, e, f, g, h, a, b, FIXED(24));
        ROUND(b, c, d, e, f, g, h, a, KNOWN(25));
        ROUND(a, b, c, d, e, f, g, h, KNOWN(26));
        ROUND(h, a, b, c, d, e, f, g, KNOWN(27));
        ROUND(g, h, a, b, c, d, e, f, KNOWN(28));
        ROUND(f, g, h, a, b, c, d, e, KNOWN(29));
        ROUND(e, f, g, h, a, b, c, d, KNOWN(30));
        ROUND(d, e, f, g, h, a, b, c, KNOWN(31));
        { v4 x = a, y = b; a = c; b = d; c = e; d = f; e = g; f = h; g = x; h = y; }
        ROUNDS8(NEXT, 32);
        ROUNDS8(NEXT, 40);
        ROUNDS8(NEXT, 48);
        ROUNDS8(NEXT, 56);

        w[0] = add(a, all(IV[0])), w[1] = add(b, all(IV[1])), w[2] = add(c, all(IV[2])), w[3] = add(d, all(IV[3]));
        w[4] = add(e, all(IV[4])), w[5] = add(f, all(IV[5])), w[6] = add(g, all(IV[6])), w[7] = add(h, all(IV[7]));
        a = all(IV[0]), b = all(IV[1]), c = all(IV[2]), e = all(IV[4]), f = all(IV[5]), g = all(IV[6]);
        d = add(w[0], all(IV[3] + one0)), h = add(w[0], all(one0 + two0)), bc = all(IV[0] ^ IV[1]);
        ROUND(h, a, b, c, d, e, f, g, KNOWN(1));
        ROUND(g, h, a, b, c, d, e, f, KNOWN(2));
        ROUND(f, g, h, a, b, c, d, e, KNOWN(3));
        ROUND(e, f, g, h, a, b, c, d, KNOWN(4));
        ROUND(d, e, f, g, h, a, b, c, KNOWN(5));
        ROUND(c, d, e, f, g, h, a, b, KNOWN(6));
        ROUND(b, c, d, e, f, g, h, a, KNOWN(7));
        ROUND(a, b, c, d, e, f, g, h, all(K[8] + 0x80000000));
        ROUND(h, a, b, c, d, e, f, g, all(K[9]));
        ROUND(g, h, a, b, c, d, e, f, all(K[10]));
        ROUND(f, g, h, a, b, c, d, e, all(K[11]));
        ROUND(e, f, g, h, a, b, c, d, all(K[12]));
        ROUND(d, e, f, g, h, a, b, c, all(K[13]));
        ROUND(c, d, e, f, g, h, a, b, all(K[14]));
        ROUND(b, c, d, e, f, g, h, a, all(K[15] + 256));
        WORD(16) = add(WORD(0), VMIX0(WORD(1)));
        ROUND(a, b, c, d, e, f, g, h, KNOWN(16));
        WORD(17) = add(add(WORD(1), VMIX0(WORD(2))), all(MIX1(256u)));
        ROUND(h, a, b, c, d, e, f, g, KNOWN(17));
        WORD(18) = add(add(WORD(2), VMIX0(WORD(3))), VMIX1(WORD(16)));
        ROUND(g, h, a, b, c, d, e, f, KNOWN(18));
        WORD(19) = add(add(WORD(3), VMIX0(WORD(4))), VMIX1(WORD(17)));
        ROUND(f, g, h, a, b, c, d, e, KNOWN(19));
        WORD(20) = add(add(WORD(4), VMIX0(WORD(5))), VMIX1(WORD(18)));
        ROUND(e, f, g, h, a, b, c, d, KNOWN(20));
        WORD(21) = add(add(WORD(5), VMIX0(WORD(6))), VMIX1(WORD(19)));
        ROUND(d, e, f, g, h, a, b, c, KNOWN(21));
        WORD(22) = add(add(WORD(6), VMIX0(WORD(7))), add(all(256), VMIX1(WORD(20))));
        ROUND(c, d, e, f, g, h, a, b, KNOWN(22));
        WORD(23) = add(add(WORD(7), all(MIX0(0x80000000u))), add(WORD(16), VMIX1(WORD(21))));
        ROUND(b, c, d, e, f, g, h, a, KNOWN(23));
        WORD(24) = add(all(0x80000000), add(WORD(17), VMIX1(WORD(22))));
        ROUND(a, b, c, d, e, f, g, h, KNOWN(24));
        WORD(25) = add(WORD(18), VMIX1(WORD(23)));
        ROUND(h, a, b, c, d, e, f, g, KNOWN(25));
        WORD(26) = add(WORD(19), VMIX1(WORD(24)));
        ROUND(g, h, a, b, c, d, e, f, KNOWN(26));
        WORD(27) = add(WORD(20), VMIX1(WORD(25)));
        ROUND(f, g, h, a, b, c, d, e, KNOWN(27));
        WORD(28) = add(WORD(21), VMIX1(WORD(26)));
        ROUND(e, f, g, h, a, b, c, d, KNOWN(28));
        WORD(29) = add(WORD(22), VMIX1(WORD(27)));
        ROUND(d, e, f, g, h, a, b, c, KNOWN(29));
        WORD(30) = add(all(MIX0(256u)), add(WORD(23), VMIX1(WORD(28))));
        ROUND(c, d, e, f, g, h, a, b, KNOWN(30));
        WORD(31) = add(add(all(256), VMIX0(WORD(16))), add(WORD(24), VMIX1(WORD(29))));
        ROUND(b, c, d, e, f, g, h, a, KNOWN(31));
        ROUNDS8(NEXT, 32);
        ROUNDS8(NEXT, 40);
        ROUNDS8(NEXT, 48);
        ROUND(a, b, c, d, e, f, g, h, NEXT(56));
        ROUND(h, a, b, c, d, e, f, g, NEXT(57));
        ROUND(g, h, a, b, c, d, e, f, NEXT(58));
        ROUND(f, g, h, a, b, c, d, e, NEXT(59));
        ROUND(e, f, g, h, a, b, c, d, NEXT(60));
        /* The e of round 60 is the h of round 63. */
        v4 last = add(h, all(IV[7]));
        v4 reversed = xor(and(VROT(last, 8), all(0xff00ff00)), and(VROT(last, 24), all(0x00ff00ff)));
        /* SSE2 compares signed numbers only. */
        const v4 above = _mm_cmpgt_epi32(xor(reversed, all(0x80000000)), all(top ^ 0x80000000));
        const int miss = _mm_movemask_ps(_mm_castsi128_ps(above));
        for (uint32_t lane = 0; miss != 15 && lane < 4; lane++) {
            if (!(miss >> lane & 1) && at + lane < count && hits < MAX_FOUND) found[hits++] = at + lane;
        }
    }
    return hits;
}

int main(int argc, char **argv) {
    if (argc != 5 || strlen(argv[1]) != 8 * NONCE_WORD) return 2;
    uint32_t job[NONCE_WORD], found[MAX_FOUND];
    for (int i = 0; i < NONCE_WORD; i++) {
        char word[9] = {0};
        memcpy(word, argv[1] + 8 * i, 8);
        job[i] = (uint32_t)strtoul(word, NULL, 16);
    }
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    int hits = search(job, (uint32_t)strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10), (uint32_t)strtoul(argv[4], NULL, 10), found);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    printf("%.9f", (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec));
    for (int i = 0; i < hits; i++) printf(" %u", found[i]);
    printf("\n");
}
