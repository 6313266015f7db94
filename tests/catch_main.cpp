// Catch2 2.x is header-only: its implementation is compiled here, once for all test programs.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
