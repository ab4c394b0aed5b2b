/* SPDX-License-Identifier: MIT */
/* Loaded and unloaded by dlopen.c: memory of its own at load, per thread, and by exception. */
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{
std::map<int, std::string> at_load = {{1, "one"}, {2, std::string(5000, 'x')}};
thread_local std::vector<int> *of_thread;
} // namespace

extern "C" char *plugin_make(int n);
extern "C" int plugin_throw(int n);

/* The caller frees it, when this plugin may be gone. */
char *plugin_make(int n)
{
    if (of_thread == nullptr)
        of_thread = new std::vector<int>;
    of_thread->push_back(n);
    std::string text = at_load[2] + std::to_string(n);
    char *copy = static_cast<char *>(malloc(text.size() + 1));
    text.copy(copy, text.size());
    copy[text.size()] = '\0';
    delete of_thread;
    of_thread = nullptr;
    return copy;
}

int plugin_throw(int n)
{
    try {
        if (n % 2 == 0)
            throw std::runtime_error(std::string(1000, 'e'));
        return static_cast<int>(at_load.at(n).size());
    } catch (const std::runtime_error &error) {
        return static_cast<int>(std::string(error.what()).size());
    } catch (const std::out_of_range &) {
        return -1;
    }
}
