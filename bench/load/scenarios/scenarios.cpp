#include "bench/load/scenarios/scenario.hpp"

namespace holdfast::bench {

const scenario scenarios[] = {
    {"prepare", "sign up --users, list --tickets, write them to --out", run_prepare},
    {"read", "GET /api/tickets/:id over the state's tickets", run_read},
    {"list", "GET /api/tickets?limit=50", run_list},
    {"order-read", "GET /api/orders/:id, of orders made first of at most 64 fresh tickets",
     run_order_read},
    {"raw", "GET --path, for servers that do not speak the contract", run_raw},
    {"hold", "POST /api/orders, each on a fresh ticket of the state", run_hold},
    {"loser", "orders of reserved tickets, all refused with 409", run_loser},
    {"contended", "--racers orders of one ticket at once, many tickets at once", run_contended},
    {"checkout", "list a ticket, order it, pay it: one request is all three", run_checkout},
    {"mixed-sign-in", "reads at --rate, alone and while others sign in without pause",
     run_mixed_sign_in},
    {"watch", "--watchers WebSockets while tickets change at --rate (then 100)", run_watch},
    {"hold-watched", "hold while --watchers WebSockets listen", run_hold_watched},
    {"deadlines", "--orders that expire within --window, and how late their tickets come free",
     run_deadlines},
    {nullptr, nullptr, nullptr},
};

} // namespace holdfast::bench
