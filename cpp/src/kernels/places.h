// Numbers that are known when a kernel is compiled: `Places<0, 1, ..., N - 1>` is the type `PlacesTo<N>::Type`.
#ifndef BCFL_KERNELS_PLACES_H
#define BCFL_KERNELS_PLACES_H

namespace bcfl {

namespace {

template <int... PLACES>
struct Places {};
template <int N, int... PLACES>
struct PlacesTo : PlacesTo<N - 1, N - 1, PLACES...> {};
template <int... PLACES>
struct PlacesTo<0, PLACES...> {
    using Type = Places<PLACES...>;
};

}  // namespace

}  // namespace bcfl

#endif
