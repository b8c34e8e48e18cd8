using System.Net;

namespace Workflow.Dashboard.Access;

/// <summary>The address a dashboard listens on, checked.</summary>
static class DashboardAddress
{
    /// <summary>Reads an address.</summary>
    /// <exception cref="WorkflowException">It is no http address, or not on loopback.</exception>
    public static IPEndPoint Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
        {
            throw new WorkflowException($"The dashboard cannot listen on '{url}': expected an address like http://127.0.0.1:5080.", exitCode: 2);
        }

        var address = uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var parsed) ? parsed : null;
        if (address is null || !IPAddress.IsLoopback(address))
        {
            throw new WorkflowException($"The dashboard cannot listen on '{uri.Host}': it has no sign-in yet, so it answers this machine alone (127.0.0.1, ::1 or localhost). "
                + $"To see it from elsewhere, forward the port: ssh -L {uri.Port}:127.0.0.1:{uri.Port} THIS-MACHINE", exitCode: 2);
        }

        return new IPEndPoint(address, uri.Port);
    }

    /// <summary>Whether a request's Host header names this machine's loopback: a page of another site that resolves its name to 127.0.0.1 does not.</summary>
    public static bool IsLocal(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
