/* Device memory is not needed here: a median of host buffers, on a graphics processor if there is one. */

#include <bcfl/bcfl_cuda.h>
#include <stdio.h>

int main(void) {
    const int32_t a[] = {1, 5, -3}, b[] = {2, 4, -9}, c[] = {3, 6, 8};
    const int32_t *vectors[] = {a, b, c};
    int32_t medians[3];
    bcfl_status status;
    if (bcfl_cuda_device_count() == 0) {
        printf("no device\n");
        return 0;
    }
    status = bcfl_cuda_host_coordinate_median(vectors, 3, 3, medians, 3, NULL, NULL);
    if (status != BCFL_OK) {
        fprintf(stderr, "%s\n", bcfl_status_name(status));
        return 1;
    }
    printf("%d %d %d\n", (int)medians[0], (int)medians[1], (int)medians[2]);
    return 0;
}
