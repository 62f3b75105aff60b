// Everything that one run consists of, apart from the client.
#pragma once

#include "cluster.hpp"
#include "dice.hpp"
#include "history.hpp"
#include "keyspace.hpp"
#include "moves.hpp"
#include "network.hpp"
#include "plan.hpp"
#include "scheduler.hpp"
#include "trace.hpp"

namespace valkeyxx::simulation {

struct world {
    world(plan p, trace::mode m);
    world(const world&) = delete;
    world& operator=(const world&) = delete;
    ~world() { time.clear(); }

    plan settings;
    trace log;
    scheduler time;
    dice random;
    verdict judgement;
    history commands{judgement};
    network net{time, random, settings.wire};
    keyspace keys;
    cluster nodes{*this};
    moves told{*this};
};

}  // namespace valkeyxx::simulation
