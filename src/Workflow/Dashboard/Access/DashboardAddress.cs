using System.Net;

namespace Workflow.Dashboard.Access;

/// <summary>The address a dashboard listens on, checked.</summary>
/// <param name="Endpoint">Address and port.</param>
/// <param name="Https">Whether it speaks TLS.</param>
sealed record DashboardAddress(IPEndPoint Endpoint, bool Https)
{
    /// <summary>Whether only this machine reaches it.</summary>
    public bool Local => IPAddress.IsLoopback(Endpoint.Address);

    /// <summary>Reads an address.</summary>
    /// <exception cref="WorkflowException">It is no http or https address of this machine.</exception>
    public static DashboardAddress Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new WorkflowException($"The dashboard cannot listen on '{url}': expected an address like http://127.0.0.1:5080 or https://0.0.0.0:5443.", exitCode: 2);
        }

        var address = uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var parsed) ? parsed : null;
        if (address is null)
        {
            throw new WorkflowException($"The dashboard cannot listen on '{uri.Host}': expected localhost, or an address of this machine in numbers; 0.0.0.0 is all of them.", exitCode: 2);
        }

        return new DashboardAddress(new IPEndPoint(address, uri.Port), uri.Scheme == Uri.UriSchemeHttps);
    }

    /// <summary>Whether a request's Host header names this machine's loopback: a page of another site that resolves its name to 127.0.0.1 does not.</summary>
    public static bool IsLocal(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
