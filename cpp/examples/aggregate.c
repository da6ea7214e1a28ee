/* One round of averaging in C: three updates of floats to the bytes that every node agrees on.
 *
 * Compiled and linked as C, with pkg-config:
 *   cc -std=c99 aggregate.c $(pkg-config --cflags --libs bcfl) -o aggregate
 */
#include <bcfl/bcfl.h>
#include <stdio.h>

enum { UPDATES = 3, SIZE = 4, FRACTION_BITS = 10 };

static int fail(const char *what, bcfl_status status) {
    fprintf(stderr, "%s: %s\n", what, bcfl_status_name(status));
    return 1;
}

int main(void) {
    static const float updates[UPDATES][SIZE] = {
        {0.5f, -1.25f, 3.0f, 0.0f}, {1.5f, -0.75f, 1.0f, 0.0f}, {2.5f, 1e30f, -1.0f, 1e-3f}};
    static const uint32_t weights[UPDATES] = {10, 20, 10};
    int32_t quantised[UPDATES][SIZE];
    const int32_t *vectors[UPDATES];
    int64_t sums[SIZE], means[SIZE];
    uint8_t digest[BCFL_DIGEST_BYTES];
    bcfl_context context;
    bcfl_fault fault;
    bcfl_status status;
    size_t i;

    if (bcfl_abi_version() != BCFL_ABI_VERSION) {
        fprintf(stderr, "the header is of another version than the library\n");
        return 1;
    }
    status = bcfl_context_init(&context, NULL); /* the best variant of this machine */
    if (status != BCFL_OK) return fail("context", status);
    fprintf(stderr, "variant %s\n", bcfl_context_variant(&context));

    for (i = 0; i < UPDATES; ++i) {
        vectors[i] = quantised[i];
        status = bcfl_quantize_f32(&context, updates[i], SIZE, FRACTION_BITS, quantised[i], SIZE, &fault);
        if (status != BCFL_OK) return fail("quantize", status);
    }
    status = bcfl_weighted_sum(&context, vectors, weights, UPDATES, SIZE, sums, SIZE, &fault);
    if (status != BCFL_OK) return fail("weighted_sum", status);
    status = bcfl_div_round(&context, sums, SIZE, 1, 40, means, SIZE, &fault); /* 40 is the sum of the weights */
    if (status != BCFL_OK) return fail("div_round", status);
    for (i = 0; i < SIZE; ++i) printf("%ld\n", (long)means[i]);

    status = bcfl_sha256_chunks(&context, (const uint8_t *)"abc", 3, 4096, digest, sizeof digest);
    if (status != BCFL_OK) return fail("sha256_chunks", status);
    for (i = 0; i < sizeof digest; ++i) printf("%02x", digest[i]);
    printf("\n");

    /* A refusal is a status with a name, and says where. */
    quantised[1][2] = BCFL_COORDINATE_MAX + 1;
    status = bcfl_weighted_sum(&context, vectors, weights, UPDATES, SIZE, sums, SIZE, &fault);
    printf("%s vector %lu index %lu\n", bcfl_status_name(status), (unsigned long)fault.vector,
           (unsigned long)fault.index);
    return status == BCFL_DOMAIN_COORDINATE ? 0 : 1;
}
