/* SPDX-License-Identifier: MIT */
/*
 * The verbs: argv[0] is the verb, the result is the exit code of the command.
 */
#ifndef MORTISE_CLI_VERB_H
#define MORTISE_CLI_VERB_H

int verb_bench(int argc, char **argv);
int verb_build(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_doc(int argc, char **argv);
int verb_draw(int argc, char **argv);
int verb_expand(int argc, char **argv);
int verb_inspect(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_new(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_show(int argc, char **argv);

#endif
