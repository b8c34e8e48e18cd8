#if STACK_SYSTEM
using System.Runtime.InteropServices;

namespace DataPrep.Tables;

/// <summary>Finds and loads libduckdb.so: <c>WORKFLOW_DUCKDB</c> (the file or its folder), else the npm package below a <c>node_modules</c> folder.</summary>
static class DuckDbLibrary
{
    /// <summary>Environment variable that names the library or its folder.</summary>
    internal const string Variable = "WORKFLOW_DUCKDB";

    const string File = "libduckdb.so";
    static readonly string Package = Path.Combine("node_modules", "@duckdb", "node-bindings-linux-x64", File);

    /// <summary>Path of the library.</summary>
    /// <exception cref="DataPrepException">It is nowhere; the message names the places looked at.</exception>
    internal static string Find(string? configured, IEnumerable<string> starts)
    {
        if (!string.IsNullOrEmpty(configured))
        {
            var named = Directory.Exists(configured) ? Path.Combine(configured, File) : configured;
            return System.IO.File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new DataPrepException($"{Variable} is '{configured}', but there is no file '{named}'. Expected {File} or the folder that holds it; unset the variable to use the one that `npm ci` installs.");
        }

        var looked = new List<string>();
        foreach (var start in starts)
        {
            for (var folder = Path.GetFullPath(start); folder is not null; folder = Path.GetDirectoryName(folder))
            {
                var path = Path.Combine(folder, Package);
                if (System.IO.File.Exists(path))
                {
                    return path;
                }
            }

            looked.Add(start);
        }

        throw new DataPrepException($"DuckDB's library was not found: no {Package} in or above {string.Join(" or ", looked.Distinct())}. Run `npm ci` in the repository's folder, or set {Variable} to a {File} of version 1.5.");
    }

    internal static nint Load()
    {
        var path = Find(Environment.GetEnvironmentVariable(Variable), [AppContext.BaseDirectory, Environment.CurrentDirectory]);
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new DataPrepException($"'{path}' could not be loaded: {e.Message} Expected DuckDB's shared library for {RuntimeInformation.RuntimeIdentifier}; run `npm ci` again.", e);
        }
    }
}
#endif
