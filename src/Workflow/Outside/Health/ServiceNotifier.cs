using System.Net.Sockets;
using System.Text;

namespace Workflow.Outside.Health;

/// <summary>Tells the service manager that started this process how it is: systemd's notification protocol (sd_notify(3)), datagrams to the socket that NOTIFY_SOCKET names.</summary>
sealed class ServiceNotifier : IDisposable
{
    readonly Socket socket;
    readonly UnixDomainSocketEndPoint manager;

    ServiceNotifier(string address)
    {
        // A leading @ is a name in the abstract namespace.
        manager = new UnixDomainSocketEndPoint(address[0] == '@' ? "\0" + address[1..] : address);
        socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    }

    /// <summary>The notifier that the environment asks for; null where no manager listens.</summary>
    public static ServiceNotifier? FromEnvironment(Func<string, string?> environment) =>
        environment("NOTIFY_SOCKET") is { Length: > 1 } address && address[0] is '/' or '@' ? new ServiceNotifier(address) : null;

    /// <summary>How often the manager wants to hear that this process is alive; null where it does not ask.</summary>
    public static TimeSpan? Watchdog(Func<string, string?> environment) =>
        long.TryParse(environment("WATCHDOG_USEC"), out var micros) && micros > 0 && (environment("WATCHDOG_PID") is not { Length: > 0 } pid || pid == Environment.ProcessId.ToString())
            ? TimeSpan.FromMicroseconds(micros)
            : null;

    /// <summary>Sends assignments, one per line. A manager that does not listen is no reason to stop.</summary>
    public void Send(params IEnumerable<string> lines)
    {
        try
        {
            socket.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', lines)), manager);
        }
        catch (SocketException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}
