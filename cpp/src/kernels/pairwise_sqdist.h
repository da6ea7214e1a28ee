// AGG-014 as products of matrices, whatever the width of the registers: each file pairwise_sqdist_<variant>.cpp
// says in a struct `Lanes` how its registers are handled and includes this.
//
// |a - b|^2 = |a|^2 + |b|^2 - 2ab needs one product and one addition for each coordinate of a pair, the difference
// one operation more. In floating point this form cancels; here every number is exact. The coordinates first move
// from -Q..Q to 0..2Q, which changes no difference, so that all products are of unsigned numbers of 21 bits: below
// 2^42. A call has at most 2^14 coordinates (see bcfl.cpp), its sums stay below 2^56, and so does every sum of
// products that an accumulator of 52 bits sees in PIECE coordinates: below 2^47 in one lane.
#ifndef BCFL_KERNELS_PAIRWISE_SQDIST_H
#define BCFL_KERNELS_PAIRWISE_SQDIST_H

#include <stddef.h>
#include <stdint.h>

#include "../kernel_table.h"

namespace bcfl {

namespace {

constexpr uint32_t COORDINATE_MAX = 0xfffff;
constexpr size_t PIECE = 128;  // coordinates of each vector that stay near, widened to 64 bits

// Coordinates of up to GRAM_GROUP vectors, moved and widened; what is not there is zero and adds nothing.
struct Piece {
    alignas(64) uint64_t rows[GRAM_GROUP][PIECE + 8];  // not all at the same place of the cache
};

inline uint32_t moved(const int32_t *coordinate) {
    uint32_t bits;
    __builtin_memcpy(&bits, coordinate, sizeof bits);
    return bits + COORDINATE_MAX;
}

// Widens `count` coordinates from `first` on; the rows become whole blocks and the columns whole registers. Gives
// the largest moved coordinate, which is at most 2Q exactly when all lie within +-Q.
template <class Lanes>
uint32_t widen(const int32_t *const *vectors, size_t vector_count, size_t first, size_t count, Piece &piece) {
    typename Lanes::Narrow largest = Lanes::no_narrow();
    uint32_t tail_largest = 0;
    const size_t whole = count - count % Lanes::STEP;
    for (size_t n = 0; n < vector_count; ++n) {
        const int32_t *from = vectors[n] + first;
        for (size_t i = 0; i < whole; i += Lanes::STEP) {
            __builtin_prefetch(from + i + 2 * PIECE, 0, 2);
            Lanes::widen(from + i, piece.rows[n] + i, largest);
        }
        for (size_t i = whole; i < count; ++i) {
            const uint32_t coordinate = moved(from + i);
            tail_largest = tail_largest < coordinate ? coordinate : tail_largest;
            piece.rows[n][i] = coordinate;
        }
        for (size_t i = count; i % Lanes::WIDTH != 0; ++i) piece.rows[n][i] = 0;
    }
    for (size_t n = vector_count; n % Lanes::ROWS != 0 || n % Lanes::COLUMNS != 0; ++n) {
        __builtin_memset(piece.rows[n], 0, sizeof piece.rows[n]);
    }
    const uint32_t most = Lanes::most(largest);
    return most < tail_largest ? tail_largest : most;
}

// Adds the products of a block of ROWS times COLUMNS pairs. A function of its own, so that its totals get all
// registers: inlined, plain C++ kept most of them on the stack and took half as long again.
template <class Lanes>
__attribute__((noinline)) void add_block(const Piece &left, const Piece &right, size_t row, size_t column,
                                         size_t count, GramSums &sums) {
    typename Lanes::Wide totals[Lanes::ROWS][Lanes::COLUMNS];
    for (size_t r = 0; r < Lanes::ROWS; ++r) {
        for (size_t c = 0; c < Lanes::COLUMNS; ++c) totals[r][c] = Lanes::zero();
    }
    for (size_t i = 0; i < count; i += Lanes::WIDTH) {
        typename Lanes::Wide b[Lanes::COLUMNS];
        for (size_t c = 0; c < Lanes::COLUMNS; ++c) b[c] = Lanes::load(right.rows[column + c] + i);
        for (size_t r = 0; r < Lanes::ROWS; ++r) {
            const typename Lanes::Wide a = Lanes::load(left.rows[row + r] + i);
            for (size_t c = 0; c < Lanes::COLUMNS; ++c) totals[r][c] = Lanes::add_product(totals[r][c], a, b[c]);
        }
    }
    for (size_t r = 0; r < Lanes::ROWS; ++r) {
        Lanes::add_sums(totals[r], sums.products[row + r] + column);
    }
}

// The products of each vector of `left` with each of `right`, added to `sums`. Where both are the same vectors,
// only the blocks on and below the diagonal.
template <class Lanes>
bool gram(const int32_t *const *left, size_t left_count, const int32_t *const *right, size_t right_count,
          size_t first, size_t count, void *room, GramSums &sums) {
    static_assert(sizeof(Piece) == GRAM_ROOM_BYTES, "the caller brings a place for each group");
    static_assert(GRAM_GROUP % Lanes::ROWS == 0 && GRAM_GROUP % Lanes::COLUMNS == 0, "blocks fill a group");
    static_assert(PIECE % Lanes::STEP == 0 && Lanes::STEP % Lanes::WIDTH == 0, "registers fill a piece");
    Piece *pieces = static_cast<Piece *>(room);
    const bool same = left == right;
    const Piece &other = same ? pieces[0] : pieces[1];
    uint32_t largest = 0;
    for (size_t start = 0; start < count; start += PIECE) {
        const size_t length = count - start < PIECE ? count - start : PIECE;
        largest |= widen<Lanes>(left, left_count, first + start, length, pieces[0]) > 2 * COORDINATE_MAX;
        if (!same)
            largest |= widen<Lanes>(right, right_count, first + start, length, pieces[1]) > 2 * COORDINATE_MAX;
        for (size_t row = 0; row < left_count; row += Lanes::ROWS) {
            const size_t columns = same ? row + Lanes::ROWS : right_count;
            for (size_t column = 0; column < columns; column += Lanes::COLUMNS) {
                add_block<Lanes>(pieces[0], other, row, column, length, sums);
            }
        }
    }
    return largest == 0;
}

}  // namespace

}  // namespace bcfl

#endif
