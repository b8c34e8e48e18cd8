using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// What libtorch threw, with PyTorch's own sentence and without its C++ stack. An <see cref="ExternalException"/>, which is what TorchSharp throws.
/// </summary>
public class TorchException : ExternalException
{
    public TorchException()
    {
    }

    public TorchException(string message)
        : base(message)
    {
    }

    public TorchException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
