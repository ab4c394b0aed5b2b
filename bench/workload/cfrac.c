/* SPDX-License-Identifier: MIT */
/*
 * cfrac: factors products of two primes with continued fractions (Morrison and Brillhart 1975).
 * The expansion of the square root gives squares A² = ±Q modulo N with small Q; those Q whose
 * primes are all small are multiplied to a square. Every number on the way is a small block that
 * lives for a step or two.
 *
 * Wins: an allocator with the shortest way for small blocks in one thread.
 */
#include "workload.h"

#include "shared/natural.h"

#include <math.h>

enum { DIGITS, NUMBERS };
enum { MOST_PRIMES = 1023, WORDS = (MOST_PRIMES + 1) / 64, SPARE = 16 };
enum { MOST_RELATIONS = MOST_PRIMES + SPARE, OWN_WORDS = (MOST_RELATIONS + 63) / 64 };

/* A² = (-1)^exponent[0] · p1^exponent[1] · … modulo N. */
struct relation {
    natural *a;
    uint8_t exponent[MOST_PRIMES + 1];
};

struct sieve {
    natural *n;
    natural *kn; /* with a factor, so that one whose expansion fails can be replaced */
    uint32_t prime[MOST_PRIMES + 1];
    long primes, relations;
    struct relation *relation[MOST_RELATIONS];
};

/* Rows are combinations of relations: the parity of each exponent, and which relations they are. */
struct row {
    uint64_t odd[WORDS], of[OWN_WORDS];
};

static uint64_t power_modulo(uint64_t base, uint64_t exponent, uint64_t modulus)
{
    uint64_t result = 1;
    for (base %= modulus; exponent > 0; exponent >>= 1) {
        if (exponent & 1)
            result = (uint64_t)((unsigned __int128)result * base % modulus);
        base = (uint64_t)((unsigned __int128)base * base % modulus);
    }
    return result;
}

/* Miller's and Rabin's test; these bases leave no doubt under 2^64. */
static bool is_prime(uint64_t n)
{
    static const uint64_t bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
    const int twos = __builtin_ctzll(n - 1);
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        if (n % bases[i] == 0)
            return n == bases[i];
        uint64_t x = power_modulo(bases[i], (n - 1) >> twos, n);
        bool witness = x != 1 && x != n - 1;
        for (int j = 1; witness && j < twos; j++) {
            x = (uint64_t)((unsigned __int128)x * x % n);
            witness = x != n - 1;
        }
        if (witness)
            return false;
    }
    return true;
}

static natural *random_prime(struct work_random *random, long digits)
{
    uint64_t least = 1;
    for (long i = 1; i < digits; i++)
        least *= 10;
    uint64_t n = (least + work_random_below(random, 8 * least)) | 1;
    while (!is_prime(n))
        n += 2;
    return natural_of(n);
}

/* As many primes as pay for numbers of that size; only those modulo which kN is a square divide. */
static void choose_primes(struct sieve *sieve, long digits)
{
    const double log_n = (double)digits * 2.302585;
    const long most = (long)exp(0.33 * sqrt(log_n * log(log_n))) + 20;
    sieve->primes = 1;
    sieve->prime[1] = 2;
    for (uint32_t p = 3; sieve->primes < most && sieve->primes < MOST_PRIMES; p += 2)
        if (is_prime(p) &&
            power_modulo(natural_divide_digit(sieve->kn, p, NULL), (p - 1) / 2, p) <= 1)
            sieve->prime[++sieve->primes] = p;
}

/* Keeps the relation if q has no other primes; gives up early on what looks bad. */
static void try_relation(struct sieve *sieve, const natural *a, const natural *q, bool negative)
{
    uint8_t exponent[MOST_PRIMES + 1] = {negative};
    natural *left = natural_copy(q);
    for (long i = 1; i <= sieve->primes && !natural_is(left, 1); i++) {
        while (natural_divide_digit(left, sieve->prime[i], NULL) == 0) {
            natural *quotient;
            natural_divide_digit(left, sieve->prime[i], &quotient);
            natural_become(&left, quotient);
            exponent[i]++;
        }
        if (i == sieve->primes / 4 && left->length == q->length && q->length > 1)
            break;
    }
    if (natural_is(left, 1)) {
        struct relation *relation = (struct relation *)work_malloc(sizeof *relation);
        relation->a = natural_copy(a);
        memcpy(relation->exponent, exponent, sizeof exponent);
        sieve->relation[sieve->relations++] = relation;
    }
    free(left);
}

/* The expansion of the root of kN; ends early if its period does, or if it is a whole number. */
static void expand(struct sieve *sieve)
{
    natural *root = natural_root(sieve->kn), *p = natural_of(0), *q = natural_of(1);
    natural *a_before = natural_of(0), *a = natural_of(1), *rest;
    bool negative = false;
    do {
        natural *sum = natural_add(root, p);
        natural *term = natural_divide(sum, q, &rest);
        /* A' = term · A + A before;  P' = root - rest;  Q' = (kN - P'²) / Q. */
        natural *a_next = natural_multiply(term, a);
        natural_become(&a_next, natural_add(a_next, a_before));
        natural_become(&a_next, natural_modulo(a_next, sieve->n));
        natural_become(&a_before, a);
        a = a_next;
        natural_become(&p, natural_subtract(root, rest));
        natural_become(&rest, natural_multiply(p, p));
        natural_become(&rest, natural_subtract(sieve->kn, rest));
        natural *remainder;
        natural_become(&q, natural_divide(rest, q, &remainder));
        free(remainder);
        free(rest);
        free(term);
        free(sum);
        negative = !negative;
        if (q->length > 0)
            try_relation(sieve, a, q, negative);
    } while (q->length > 0 && !natural_is(q, 1) && sieve->relations < sieve->primes + SPARE);
    free(a);
    free(a_before);
    free(q);
    free(p);
    free(root);
}

/* A factor by the relations of a row whose exponents are all even, or NULL. */
static natural *factor_by(const struct sieve *sieve, const struct row *row)
{
    uint32_t sum[MOST_PRIMES + 1] = {0};
    natural *x = natural_of(1), *y = natural_of(1);
    for (long i = 0; i < sieve->relations; i++) {
        if (!(row->of[i / 64] >> i % 64 & 1))
            continue;
        natural_become(&x, natural_multiply_modulo(x, sieve->relation[i]->a, sieve->n));
        for (long j = 1; j <= sieve->primes; j++)
            sum[j] += sieve->relation[i]->exponent[j];
    }
    for (long j = 1; j <= sieve->primes; j++) {
        natural *prime = natural_of(sieve->prime[j]);
        for (uint32_t i = 0; i < sum[j] / 2; i++)
            natural_become(&y, natural_multiply_modulo(y, prime, sieve->n));
        free(prime);
    }
    const bool less = natural_compare(x, y) < 0;
    natural *difference = less ? natural_subtract(y, x) : natural_subtract(x, y);
    natural *factor = natural_common_divisor(difference, sieve->n);
    free(difference);
    free(x);
    free(y);
    if (!natural_is(factor, 1) && natural_compare(factor, sieve->n) != 0)
        return factor;
    free(factor);
    return NULL;
}

/* Elimination modulo 2: what is left of a row in the end is even. */
static natural *combine(const struct sieve *sieve)
{
    const size_t count = (size_t)sieve->relations;
    struct row *row = (struct row *)work_calloc(count + 1, sizeof *row);
    long *pivot = (long *)work_calloc(MOST_PRIMES + 1, sizeof *pivot);
    natural *factor = NULL;
    for (long i = 0; factor == NULL && i < sieve->relations; i++) {
        row[i].of[i / 64] |= UINT64_C(1) << i % 64;
        for (long j = 0; j <= sieve->primes; j++)
            row[i].odd[j / 64] |= (uint64_t)(sieve->relation[i]->exponent[j] & 1) << j % 64;
        bool even = true;
        for (long j = 0; even && j <= sieve->primes; j++) {
            if (!(row[i].odd[j / 64] >> j % 64 & 1))
                continue;
            if (pivot[j] == 0) {
                pivot[j] = i + 1;
                even = false;
                continue;
            }
            for (int k = 0; k < WORDS; k++)
                row[i].odd[k] ^= row[pivot[j] - 1].odd[k];
            for (int k = 0; k < OWN_WORDS; k++)
                row[i].of[k] ^= row[pivot[j] - 1].of[k];
        }
        if (even)
            factor = factor_by(sieve, &row[i]);
    }
    free(pivot);
    free(row);
    return factor;
}

/* With one multiple of the number after the other until one gives a factor. */
static natural *find_factor(natural *n, long digits)
{
    natural *factor = NULL;
    struct sieve *sieve = (struct sieve *)work_malloc(sizeof *sieve);
    for (uint32_t k = 1; factor == NULL && k < 100; k++) {
        natural *multiplier = natural_of(k);
        sieve->n = n;
        sieve->kn = natural_multiply(n, multiplier);
        sieve->relations = 0;
        free(multiplier);
        choose_primes(sieve, digits);
        expand(sieve);
        factor = combine(sieve);
        for (long i = 0; i < sieve->relations; i++) {
            free(sieve->relation[i]->a);
            free(sieve->relation[i]);
        }
        free(sieve->kn);
    }
    free(sieve);
    return factor;
}

/* The two primes come out again. */
static bool one_number(struct work_random *random, long digits)
{
    natural *p = random_prime(random, (digits + 1) / 2), *q = random_prime(random, digits / 2);
    natural *n = natural_multiply(p, q);
    natural *factor = find_factor(n, digits);
    bool right = factor != NULL;
    if (right) {
        natural *rest, *other = natural_divide(n, factor, &rest);
        natural *product = natural_multiply(factor, other);
        right = natural_is(rest, 0) && natural_compare(product, n) == 0 &&
                (natural_compare(factor, p) == 0 || natural_compare(factor, q) == 0);
        free(product);
        free(other);
        free(rest);
    }
    free(factor);
    free(n);
    free(q);
    free(p);
    return right;
}

static bool run(const long *value)
{
    struct work_random random = {1};
    bool right = true;
    for (long i = 0; right && i < value[NUMBERS]; i++)
        right = one_number(&random, value[DIGITS]);
    return right;
}

const struct workload workload_cfrac = {
    .name = "cfrac",
    .purpose = "factoring with continued fractions: many very small temporaries",
    .source = "Morrison and Brillhart 1975; cfrac as used since Grunwald and Zorn 1993",
    .parameters = {{"digits", 30, 28, 36, 10, 36, "decimal digits of a number"},
                   {"numbers", 4, 2, 2, 1, 1L << 30, "numbers to factor"}},
    .cases = {NULL},
    .run = run,
};
