/* SPDX-License-Identifier: MIT */
/* Containers, threads and exceptions; sizes that cannot be had throw and harm nothing. */
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace
{
struct alignas(256) Wide {
    char bytes[700];
};

int handler_calls;

void give_up()
{
    handler_calls++;
    std::set_new_handler(nullptr);
}

size_t huge()
{
    volatile size_t size = size_t(1) << 60;
    return size;
}

int refusals()
{
    int refused = 0;
    for (int i = 0; i < 50; i++) {
        try {
            delete[] new char[huge()];
        } catch (const std::bad_alloc &) {
            refused++;
        }
        try {
            std::vector<long> v(huge() / 16);
        } catch (const std::bad_alloc &) {
            refused++;
        }
        refused += new (std::nothrow) char[huge()] == nullptr;
        refused += ::operator new(huge(), std::align_val_t(4096), std::nothrow) == nullptr;
    }
    std::set_new_handler(give_up);
    try {
        ::operator delete(::operator new(huge()));
    } catch (const std::bad_alloc &) {
        refused++;
    }
    return refused;
}

uint64_t work(unsigned seed)
{
    std::map<std::string, std::list<int>> index;
    std::vector<std::unique_ptr<Wide>> wide;
    for (int i = 0; i < 4000; i++) {
        seed = seed * 1664525u + 1013904223u;
        index[std::to_string(seed % 500)].push_back(i);
        if (seed % 16 == 0)
            wide.push_back(std::make_unique<Wide>());
        if (seed % 64 == 1 && !wide.empty())
            wide.erase(wide.begin());
        if (seed % 128 == 2)
            index.erase(index.begin());
    }
    uint64_t sum = wide.size();
    for (const auto &one : wide)
        if (reinterpret_cast<uintptr_t>(one.get()) % alignof(Wide) != 0)
            std::abort();
    for (auto &[key, list] : index)
        sum = sum * 31 + key.size() + std::accumulate(list.begin(), list.end(), uint64_t(0));
    return sum;
}
} // namespace

int main()
{
    std::vector<uint64_t> sums(8);
    std::vector<std::thread> crowd;
    for (unsigned n = 0; n < sums.size(); n++)
        crowd.emplace_back([&sums, n] {
            for (unsigned i = 0; i < 6; i++)
                sums[n] += work(n * 10 + i);
        });
    for (auto &one : crowd)
        one.join();
    for (auto sum : sums)
        std::printf("%llu\n", static_cast<unsigned long long>(sum));
    int refused = refusals();
    std::printf("%d refused, handler called %d times\n", refused, handler_calls);
    std::printf("%llu\n", static_cast<unsigned long long>(work(99)));
    return refused == 201 && handler_calls == 1 ? 0 : 1;
}
