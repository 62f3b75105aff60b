// Everything except the Asio face, which is <valkeyxx/asio.hpp>.
#pragma once

#include <valkeyxx/async_client.hpp>
#include <valkeyxx/async_cluster.hpp>
#include <valkeyxx/async_scan.hpp>
#include <valkeyxx/async_session.hpp>
#include <valkeyxx/async_subscriber.hpp>
#include <valkeyxx/client.hpp>
#include <valkeyxx/cluster.hpp>
#include <valkeyxx/commands.hpp>
#include <valkeyxx/credentials.hpp>
#include <valkeyxx/log.hpp>
#include <valkeyxx/metrics.hpp>
#include <valkeyxx/monitor.hpp>
#include <valkeyxx/observer.hpp>
#include <valkeyxx/optimistic.hpp>
#include <valkeyxx/print.hpp>
#include <valkeyxx/scan.hpp>
#include <valkeyxx/script.hpp>
#include <valkeyxx/sentinel.hpp>
#include <valkeyxx/sentinel_link.hpp>
#include <valkeyxx/session.hpp>
#include <valkeyxx/subscriber.hpp>
#include <valkeyxx/topology_change.hpp>
#include <valkeyxx/version.hpp>
