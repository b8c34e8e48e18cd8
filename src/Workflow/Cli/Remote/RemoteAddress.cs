using System.CommandLine;
using System.Net;

namespace Workflow.Cli.Remote;

/// <summary>A server to work with, and the token for it.</summary>
/// <param name="Base">Its address, ending in a slash.</param>
/// <param name="Token">Token, or null for none.</param>
sealed record RemoteAddress(Uri Base, string? Token)
{
    /// <summary>As people write it.</summary>
    public override string ToString() => Base.ToString().TrimEnd('/');

    /// <summary>The server that a command line means; null where it means a folder of this machine. A home named on the command line counts for more than WORKFLOW_SERVER.</summary>
    /// <exception cref="WorkflowException">Both are named, the address is none, or the token must not go there.</exception>
    public static RemoteAddress? Of(CliContext context, ParseResult parse)
    {
        var named = parse.GetValue(context.Server);
        var home = parse.GetResult(context.Home) is { Implicit: false };
        if (named is not null && home)
        {
            throw new WorkflowException("'--server' and '--home' exclude each other: a server has its own home. Give one.", exitCode: 2);
        }

        var (text, source) = named is not null ? (named, "--server") : home ? (null, "") : (context.Variable("WORKFLOW_SERVER"), "WORKFLOW_SERVER");
        if (text is null or "")
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new WorkflowException($"{source}: found '{text}'; expected the address of a `workflow serve`, such as https://training.example:5080.", exitCode: 2);
        }

        if (uri.UserInfo.Length > 0)
        {
            throw new WorkflowException($"{source}: found a name or password in the address; expected none there. Put a token into WORKFLOW_TOKEN or a file named with --token-file.", exitCode: 2);
        }

        var token = ReadToken(context, parse);
        if (token is not null && uri.Scheme == "http" && !IsThisMachine(uri) && !parse.GetValue(context.InsecureHttp))
        {
            throw new WorkflowException($"The token was not sent to {uri.GetLeftPart(UriPartial.Authority)}: over plain http anybody on the way can read it. Use https, a tunnel (ssh -L), or say --insecure-http.", exitCode: 2);
        }

        return new RemoteAddress(new Uri(uri.AbsoluteUri.TrimEnd('/') + "/"), token);
    }

    static bool IsThisMachine(Uri uri) => uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    static string? ReadToken(CliContext context, ParseResult parse)
    {
        var file = parse.GetValue(context.TokenFile);
        string? token;
        if (file is null)
        {
            token = context.Variable("WORKFLOW_TOKEN");
        }
        else
        {
            var path = context.PathOf(file);
            if (!File.Exists(path))
            {
                throw new WorkflowException($"--token-file: there is no file {path}. Expected one with the token alone in it.", exitCode: 2);
            }

            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
            {
                context.Error.WriteLine($"Others on this machine can read {path}: chmod 600 {path}");
            }

            token = File.ReadAllText(path);
        }

        token = token?.Trim();
        return token switch
        {
            null or "" when file is not null => throw new WorkflowException($"--token-file: {file} is empty. Expected the token alone in it.", exitCode: 2),
            null or "" => null,
            _ when token.Any(c => c is <= ' ' or > '~') => throw new WorkflowException($"{(file is null ? "WORKFLOW_TOKEN" : $"--token-file {file}")}: found more than one word; expected the token alone.", exitCode: 2),
            _ => token,
        };
    }
}
