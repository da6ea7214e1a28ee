// A fuzzer's engine for compilers without one: runs a corpus, then mutates it, the same inputs at every run.
//
//   fuzz_NAME [-runs=N | -max_total_time=SECONDS] [--grow | --thin] FOLDER...
//
// The compiler reports each place that the library passes (-fsanitize-coverage=trace-pc). An input that reaches
// new places joins the corpus of this run. As with libFuzzer it is written into the first of several folders; into
// a single one only with --grow. --thin removes, shorter inputs first, what reaches nothing new. The input of a
// crash goes to ./crash-fuzz_NAME.

#include <dirent.h>
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

constexpr size_t PLACES = size_t{1} << 15, INPUT_BYTES_MAX = 600;
uint8_t hits[PLACES];  // how often, up to 255, this input passed the place
uint8_t known[PLACES];

uint64_t state = 1;
uint64_t random_number() {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
size_t below(size_t limit) { return static_cast<size_t>(random_number() % limit); }

using Bytes = std::vector<uint8_t>;

std::string crash;
const Bytes *running = nullptr;

// Called when a sanitizer or a broken promise ends the program.
void keep_input() {
    if (running == nullptr) return;
    const int file = open(crash.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const bool kept = file >= 0 && write(file, running->data(), running->size()) >= 0;
    std::fprintf(stderr, kept ? "the input is in %s\n" : "%s cannot be written\n", crash.c_str());
    running = nullptr;
}

void end_by_signal(int number) {
    keep_input();
    signal(number, SIG_DFL);
    raise(number);
}

// One bit for a number of passes: one, a few, many.
uint8_t bucket(uint8_t count) { return count == 0 ? 0 : count == 1 ? 1 : count < 16 ? 2 : 4; }

// Runs the input; true if it passed a place that none before it did, or more often.
bool is_new(const Bytes &input) {
    std::memset(hits, 0, sizeof hits);
    const Bytes exact(input);  // memory that ends where the input does
    running = &exact;
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    running = nullptr;
    bool fresh = false;
    for (size_t i = 0; i < PLACES; ++i) {
        const uint8_t passes = bucket(hits[i]);
        if (passes & ~known[i]) fresh = true;
        known[i] |= passes;
    }
    return fresh;
}

void write_file(const std::string &path, const Bytes &content) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || write(file, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
        std::perror(path.c_str());
        std::exit(2);
    }
    close(file);
}

Bytes read_file(const std::string &path) {
    Bytes content(INPUT_BYTES_MAX);
    const int file = open(path.c_str(), O_RDONLY);
    const ssize_t size = file < 0 ? -1 : read(file, content.data(), content.size());
    if (size < 0) {
        std::perror(path.c_str());
        std::exit(2);
    }
    close(file);
    content.resize(static_cast<size_t>(size));
    return content;
}

std::vector<std::string> names_in(const std::string &folder) {
    std::vector<std::string> names;
    DIR *entries = opendir(folder.c_str());
    if (entries == nullptr) {
        std::perror(folder.c_str());
        std::exit(2);
    }
    while (const dirent *entry = readdir(entries)) {
        if (entry->d_name[0] != '.') names.push_back(entry->d_name);
    }
    closedir(entries);
    std::sort(names.begin(), names.end());  // folders have no order of their own
    return names;
}

std::string name_of(const Bytes &content) {
    uint64_t hash = 14695981039346656037u;
    for (uint8_t byte : content) hash = (hash ^ byte) * 1099511628211u;
    char name[17];
    std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(hash));
    return name;
}

void mutate(Bytes &input, const std::vector<Bytes> &corpus) {
    static const uint8_t telling[] = {0, 1, 2, 0x7f, 0x80, 0xf0, 0xfe, 0xff};
    for (size_t changes = 1 + below(6); changes-- > 0;) {
        const size_t at = input.empty() ? 0 : below(input.size());
        switch (input.empty() ? 4 : below(7)) {
            case 0: input[at] ^= static_cast<uint8_t>(1 << below(8)); break;
            case 1: input[at] = telling[below(sizeof telling)]; break;
            case 2: input[at] = static_cast<uint8_t>(input[at] + below(9) - 4); break;
            case 3: input[at] = static_cast<uint8_t>(random_number()); break;
            case 4:
                for (size_t more = 1 + below(16); more-- > 0;) {
                    input.insert(input.begin() + static_cast<long>(at), static_cast<uint8_t>(random_number()));
                }
                break;
            case 5: input.erase(input.begin() + static_cast<long>(at)); break;
            default: {  // the end of another one
                const Bytes &other = corpus[below(corpus.size())];
                const size_t from = other.empty() ? 0 : below(other.size());
                input.resize(at);
                input.insert(input.end(), other.begin() + static_cast<long>(from), other.end());
            }
        }
    }
    if (input.size() > INPUT_BYTES_MAX) input.resize(INPUT_BYTES_MAX);
}

}  // namespace

extern "C" void __sanitizer_cov_trace_pc() {
    const uintptr_t place =
        reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - reinterpret_cast<uintptr_t>(&crash);
    uint8_t &count = hits[(place ^ place >> 15) % PLACES];
    if (count < 255) ++count;
}

int main(int argc, char **argv) {
    size_t rounds = 1000, seconds = 0, ran = 0;
    bool grow = false, thin = false;
    std::vector<std::string> folders;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--grow") {
            grow = true;
        } else if (argument == "--thin") {
            thin = true;
        } else if (argument.rfind("-runs=", 0) == 0) {
            rounds = std::strtoul(argv[i] + 6, nullptr, 10);
        } else if (argument.rfind("-max_total_time=", 0) == 0) {
            seconds = std::strtoul(argv[i] + 16, nullptr, 10);
        } else {
            folders.push_back(argument);
        }
    }
    if (folders.empty()) return 2;
    grow = grow || folders.size() > 1;
    const std::string self = std::strrchr(argv[0], '/') == nullptr ? argv[0] : std::strrchr(argv[0], '/') + 1;
    crash = "crash-" + self;
    __sanitizer_set_death_callback(keep_input);
    signal(SIGILL, end_by_signal);
    signal(SIGTRAP, end_by_signal);
    std::vector<Bytes> corpus;
    std::vector<std::pair<Bytes, std::string>> files;
    for (const std::string &folder : folders) {
        for (const std::string &name : names_in(folder)) {
            files.emplace_back(read_file(folder + "/" + name), folder + "/" + name);
        }
    }
    if (thin) {
        std::sort(files.begin(), files.end(),
                  [](const auto &a, const auto &b) { return a.first.size() < b.first.size(); });
        rounds = 0;
    }
    for (const auto &file : files) {
        corpus.push_back(file.first);
        if (!is_new(file.first) && thin) unlink(file.second.c_str());
    }
    const size_t before = corpus.size();
    if (corpus.empty()) corpus.emplace_back();
    const time_t end = time(nullptr) + static_cast<time_t>(seconds);
    while (seconds > 0 ? time(nullptr) < end : ran < rounds) {
        Bytes input = corpus[below(corpus.size())];
        mutate(input, corpus);
        ++ran;
        if (!is_new(input)) continue;
        corpus.push_back(input);
        if (grow) write_file(folders[0] + "/" + name_of(input), input);
    }
    size_t places = 0;
    for (uint8_t place : known) places += place != 0;
    std::printf("%s: %zu inputs, %zu mutations, %zu new, %zu places\n", self.c_str(), before, ran,
                corpus.size() - std::max<size_t>(before, 1), places);
    return 0;
}
