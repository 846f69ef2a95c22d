# policyd - GNU make; no configure step, a new file needs no new line here.
#
#   make run      install what is missing, build, start in the foreground
#   make check    the same set-up, then every test
#   make          policyd and policyctl, below $(BUILD)
#   make install  DESTDIR= PREFIX=/usr/local
#   make lint, make stories, make fuzz, make bench, make demo, make clean
#
# SAN=1 builds with sanitizers, in a directory of its own; so does CC=clang.
# V=1 shows the commands.

VERSION    := 0.1

PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/policyd

BUILD := build$(if $(filter clang%,$(notdir $(CC))),-clang)$(if $(SAN),-san)

OBJ   := $(BUILD)/obj

Q   := $(if $(V),,@)
say = @printf '  %-5s %s\n' $(1) $(2)

PACKAGES := libuv hiredis libcares libconfuse jansson libmicrohttpd libidn2 libpsl
SANITIZE := $(if $(SAN),-fsanitize=address -fsanitize=undefined \
            -fno-omit-frame-pointer -fno-sanitize-recover=undefined $(COVER))
WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes \
            -Wmissing-prototypes -Wno-missing-field-initializers $(WERROR)
HARDEN   := $(if $(SAN),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong -fPIE \
            -fno-plt

# gcc looks at policyd as a whole once more when it is linked: that saves one in
# fourteen instructions of a request, and -O3 one in twenty. What else is linked
# need not wait for it.
LTO      := $(if $(SAN)$(filter clang%,$(notdir $(CC))),,-flto=auto)

# For what is copied and has a size that is known, or a limit, gcc writes "rep
# movs", which takes as long to begin as the C library to copy all of it: a
# request did so twenty times.
COPY     := -mstringop-strategy=libcall
COPY     := $(if $(shell echo | $(CC) $(COPY) -E - 2>/dev/null),$(COPY))

LEVEL     = -O2
CFLAGS   ?= $(LEVEL) -g
CPPFLAGS += -Ilib -D_GNU_SOURCE -DSYSCONFDIR='"$(SYSCONFDIR)"' \
            -DVERSION='"$(VERSION)"'
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
ALL_CFLAGS = -std=c11 $(CFLAGS) $(COPY) $(FAT) $(HARDEN) $(WARNINGS) $(SANITIZE) \
             $(CPPFLAGS) $(PKG_CFLAGS)
WHOLE     := -fno-lto
LINK       = $(CC) $(WHOLE) $(SANITIZE) -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
LDLIBS    += $(PKG_LIBS) -lspf2

# Each lua file becomes the constant string of a struct script.
LUA     := $(wildcard lib/*/*.lua lib/*/*/*.lua)
SOURCES := $(wildcard lib/*/*.c lib/*/*/*.c)
OBJECTS := $(SOURCES:%.c=$(OBJ)/%.o) $(LUA:%.lua=$(OBJ)/%.lua.o)
LIB     := $(BUILD)/libpolicyd.a

# t/kit is what tests share, an archive: a test gets what it uses and may
# stand in for the rest itself. t/fuzz and t/bench are no unit tests.
KIT     := $(BUILD)/libkit.a
TESTS   := $(patsubst %.c,$(BUILD)/%.t,$(filter-out t/kit/% t/fuzz/% t/bench/%,\
           $(wildcard t/*/*.c)))
SCRIPTS := $(filter-out t/kit/% t/bench/%,$(wildcard t/*/*.t))

# Which of them begin, as they wait the longest, and which would be in the way
# of others: it asks without a pause on hundreds of connections.
LONG  := t/faults/rate.t t/postfix/rate.t t/postfix/parallel.t \
         t/postfix/brute_force.t t/postfix/dovecot.t t/ctl/status.t \
         t/ctl/spf_cases.t
ALONE := t/faults/dns.t

BENCHES := $(BUILD)/t/bench/echo $(BUILD)/t/bench/load $(BUILD)/t/bench/feed
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(wildcard t/fuzz/*.c))

# Children of check, run and the like build with all processors.
QUICKLY := $(MAKE) --no-print-directory -j$(shell nproc)

.PHONY: all tests run check unit system lint stories bench demo fuzz fuzzers \
        install clean
all: $(BUILD)/policyd $(BUILD)/policyctl

CTL := $(wildcard policyd/policyctl*.c)
OWN := $(patsubst %.c,$(OBJ)/%.o,$(filter-out $(CTL),$(wildcard policyd/*.c)))

$(OWN) $(OBJECTS): LEVEL = $(if $(SAN),-O2,-O3)
$(OWN) $(OBJECTS): FAT := $(LTO:%=% -ffat-lto-objects)
$(BUILD)/policyd: WHOLE := $(LTO)
$(BUILD)/policyd: $(OWN) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)

$(BUILD)/policyctl: $(CTL:%.c=$(OBJ)/%.o) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)

$(KIT): $(patsubst %.c,$(OBJ)/%.o,$(wildcard t/kit/*.c))
$(LIB): $(OBJECTS)
$(KIT) $(LIB):
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(OBJ)/%.lua.o: $(OBJ)/%.lua.c
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Comment lines stay behind: Redis need not read them.
$(OBJ)/%.lua.c: %.lua
	@mkdir -p $(@D)
	@{ echo '#include "ask/ask.h"'; \
	   echo 'const struct script script_$(notdir $*);'; \
	   echo 'const struct script script_$(notdir $*) = { "$(notdir $*)",'; \
	   sed -e '/^ *--/d' -e '/^ *$$/d' -e 's/\\/\\\\/g' -e 's/"/\\"/g' \
	       -e 's/^/"/' -e 's/$$/\\n"/' $<; echo '};'; } >$@

$(BUILD)/t/%.t: $(OBJ)/t/%.o $(KIT) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(KIT) $(LIB) -lcmocka $(LDLIBS) $(TESTLIBS)

# Tests of policyctl link what it consists of, but for its main().
$(filter $(BUILD)/t/ctl/%,$(TESTS)): \
    $(patsubst %.c,$(OBJ)/%.o,$(filter-out policyd/policyctl.c,$(CTL)))

# What the tests alone need: Lua is the false Redis' interpreter.
TESTFLAGS := -It $(shell pkg-config --cflags lua5.1 2>/dev/null)
TESTLIBS  := $(shell pkg-config --libs lua5.1 2>/dev/null) -lm
$(OBJ)/t/%.o: CPPFLAGS += $(TESTFLAGS)

run:
	@t/packages.sh build
	@$(QUICKLY) -s all
	@$(BUILD)/policyd -f

check:
	@t/packages.sh
	@echo "Building policyd and its tests"
	@$(QUICKLY) -s all tests
	@$(MAKE) --no-print-directory -k unit system

tests: $(TESTS)

# Most of their time is waiting, and each has what it needs to itself: ports,
# directories, a Redis, a Postfix. So four go at a time, also on two processors.
unit: $(TESTS)
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP prove -j4 -e '' $(TESTS)

system: all
	$(Q)BUILD=$(BUILD) prove -j4 -e '' $(LONG) \
	    $(filter-out $(LONG) $(ALONE),$(SCRIPTS)); together=$$?; \
	BUILD=$(BUILD) prove -e '' $(ALONE) && exit $$together

lint:
	@t/packages.sh
	@t/lint.sh

# What dice tell (kit/chance.h), otherwise each time; some minutes.
STORIES := 200
stories: all $(patsubst %,$(BUILD)/t/%.t,rate/killed rate/torn rate/troubled \
         checks/quick checks/quick_torn feed/noise http/auth_policy http/deny \
         http/spam_report)
	@SEED=$$(date +%s) && echo "SEED=$$SEED" && export SEED && \
	    STORIES=$(STORIES) CMOCKA_MESSAGE_OUTPUT=TAP BUILD=$(BUILD) \
	    prove -j2 -e '' $(filter %.t,$^) t/postfix/rate.t

bench:
	@t/packages.sh
	@$(QUICKLY) -s all $(BENCHES)
	@BUILD=$(BUILD) t/bench/bench.py
	@BUILD=$(BUILD) t/bench/registers.py
	@BUILD=$(BUILD) t/bench/rate.py
	@BUILD=$(BUILD) t/bench/dns.py

$(BUILD)/t/bench/load: $(OBJ)/t/bench/request.o $(OBJ)/t/bench/stats.o
$(BENCHES): $(BUILD)/%: $(OBJ)/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)

$(BUILD)/t/bench/feed: $(LIB)

demo:
	@t/packages.sh
	@$(QUICKLY) -s all
	@BUILD=$(BUILD) t/postfix/demo.py

# clang's alone, and a build of its own: what they try is compiled once.
fuzz:
	@t/packages.sh
	@$(QUICKLY) -s CC=clang SAN=1 BUILD=build-fuzz LEVEL=-O1 \
	    COVER=-fsanitize=fuzzer-no-link fuzzers

fuzzers: $(FUZZERS)
	@t/fuzz/run.sh $(FUZZERS)

$(FUZZERS): $(BUILD)/%: $(OBJ)/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin \
	    $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 \
	    $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(SYSCONFDIR)/policyd \
	    $(DESTDIR)$(DOCDIR)
	install -m 755 $(BUILD)/policyd $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(BUILD)/policyctl $(DESTDIR)$(PREFIX)/bin/
	install -m 644 policyd/*.8 $(DESTDIR)$(MANDIR)/man8/
	install -m 644 policyd/*.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 conf/*.5 $(DESTDIR)$(MANDIR)/man5/
	install -m 644 README COPYING conf/main.cf.example conf/redis.acl \
	    $(DESTDIR)$(DOCDIR)
	test -e $(DESTDIR)$(SYSCONFDIR)/policyd/policyd.conf || \
	    install -m 644 conf/policyd.conf $(DESTDIR)$(SYSCONFDIR)/policyd/

clean:
	rm -rf build build-*

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
