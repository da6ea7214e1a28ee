// The native core as a testee: a C++ program that links libbcfl and speaks the protocol of
// conformance/protocol.md.
//
//   bcfl_testee [VARIANT [WORKERS]]    the named variant of this machine, else (or as "best") the best one; its
//   work
//                                      in so many threads
//
// It answers what the library computes, `kernels.*`, and the rules that are made of it, `aggregation.*`.

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "operations.h"

using json::Value;

namespace {

bcfl_context chosen;

// Each part of a call in a thread of its own.
void run_in_threads(void *, bcfl_task task, void *job, size_t count) {
    std::vector<std::thread> threads;
    for (size_t index = 1; index < count; ++index) {
        threads.emplace_back(task, job, index);
    }
    task(job, 0);
    for (std::thread &thread : threads) {
        thread.join();
    }
}

Value hello(const std::map<std::string, Operation> &table) {
    Value names = Value::array();
    for (const auto &[name, operation] : table) {
        names.add(Value::of(name));
    }
    Value profiles = Value::array();
    profiles.add(Value::of(std::string("core")));
    profiles.add(Value::of(std::string("privacy")));
    Value made = Value::object();
    made.set("type", Value::of(std::string("hello")));
    made.set("protocol", Value::of(int64_t{1}));
    made.set("name", Value::of(std::string("libbcfl ") + bcfl_context_variant(&chosen)));
    made.set("language", Value::of(std::string("C++17")));
    made.set("operations", std::move(names));
    made.set("profiles", std::move(profiles));
    return made;
}

Value answer(const std::map<std::string, Operation> &table, const Value &message) {
    Value made = Value::object();
    made.set("id", Value::of(message.find("id")->integer()));
    const std::string &name = message.find("operation")->text();
    const auto found = table.find(name);
    if (found == table.end()) {
        made.set("unsupported", Value::of("no operation " + name));
        return made;
    }
    try {
        made.set("ok", found->second(*message.find("input")));
    } catch (const Refused &refused) {
        made.set("error", Value::of(refused.code));
    }
    return made;
}

bool is_question(const Value &message) {
    const Value *id = message.find("id");
    const Value *operation = message.find("operation");
    return id != nullptr && id->kind() == json::Kind::integer && operation != nullptr &&
           operation->kind() == json::Kind::text && message.find("input") != nullptr;
}

int serve(const std::map<std::string, Operation> &table) {
    std::string line;
    while (std::getline(std::cin, line)) {
        const Value message = json::read(line);
        const Value *type = message.find("type");
        const std::string kind = type == nullptr ? "" : type->text();
        if (kind == "stop") {
            return 0;
        }
        if (kind != "hello" && (kind != "run" || !is_question(message))) {
            throw json::Error("not a message of protocol 1");
        }
        std::cout << json::write(kind == "hello" ? hello(table) : answer(table, message)) << std::endl;
    }
    return 0;
}

}  // namespace

const bcfl_context *library() { return &chosen; }

void check(bcfl_status status) {
    if (status == BCFL_OK) {
        return;
    }
    if (status < BCFL_EMPTY) {
        throw std::logic_error(std::string("this program misuses the library: ") + bcfl_status_name(status));
    }
    throw Refused{bcfl_status_name(status)};
}

int main(int count, char **words) {
    const char *variant = count > 1 && std::string(words[1]) != "best" ? words[1] : nullptr;
    const size_t workers = count > 2 ? std::strtoul(words[2], nullptr, 10) : 1;
    if (count > 3 || bcfl_abi_version() != BCFL_ABI_VERSION || bcfl_context_init(&chosen, variant) != BCFL_OK ||
        bcfl_context_set_parallel_for(&chosen, run_in_threads, nullptr, workers) != BCFL_OK) {
        std::fprintf(stderr, "usage: bcfl_testee [VARIANT [WORKERS]], a variant that this machine can run\n");
        return 2;
    }
    std::map<std::string, Operation> table;
    add_kernels(table);
    add_aggregation(table);
    try {
        return serve(table);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "bcfl_testee: %s\n", error.what());
        return 2;
    }
}
